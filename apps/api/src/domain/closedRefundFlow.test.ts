import { describe, expect, it } from 'vitest'
import { dueMoveOf, type ClosedRefund } from './closedRefundFlow.ts'

const known: ClosedRefund = {
  refundFen: 4_000,
  billedFeeMilliFen: -24_000,
  payment: { totalFen: 10_000, feeMilliFen: 60_000 },
  isOfThisDay: true,
  isOver: true,
  movedBeforeMilliFen: null,
  movedMilliFen: 0,
}
const took = 3_976_000

describe('what a closed refund should have moved', () => {
  it.each<[string, Partial<ClosedRefund>, number]>([
    ['nothing, on the one day on which it came and went', { movedMilliFen: -took }, 0],
    ['what it took, while it is still away', { isOver: false, movedMilliFen: -took }, -took],
    ['nothing, when another sum is away', { isOver: false, movedMilliFen: -took - 1 }, 0],
    ['all of it back, on the day on which it is over', { isOfThisDay: false, movedBeforeMilliFen: -took }, took],
    ['nothing, on a day between', { isOfThisDay: false, isOver: false, movedBeforeMilliFen: -took }, 0],
    ['nothing, when it came back before', { isOfThisDay: false, movedBeforeMilliFen: 0 }, 0],
    ['what came back, when its leaving is in no bill of ours', { isOfThisDay: false, movedMilliFen: took }, took],
    ['nothing, when nobody tells of it', { isOfThisDay: false }, 0],
    ['what it must have taken, when another sum came back', { isOfThisDay: false, movedMilliFen: took + 1_000 }, took],
  ])('is %s', (_case, change, move) => {
    expect(dueMoveOf({ ...known, ...change })).toBe(move)
  })

  it.each<[string, Partial<ClosedRefund>, number, number]>([
    ['within a fen of its part of the payment’s fee, when its row was made too late to name it', {}, 3_975_000, 3_977_000],
    ['never more than its amount', { payment: { totalFen: 10_000, feeMilliFen: 1_000 } }, 3_999_000, 4_000_000],
    ['any part of its amount, when no bill has its payment', { payment: null }, 0, 4_000_000],
  ])('is away with %s', (_case, change, least, most) => {
    const away = { ...known, billedFeeMilliFen: 0, isOver: false, ...change }
    for (const milliFen of [least, most]) expect(dueMoveOf({ ...away, movedMilliFen: 0 - milliFen })).toBe(0 - milliFen)
    for (const milliFen of [least - 1, most + 1]) expect(dueMoveOf({ ...away, movedMilliFen: 0 - milliFen })).toBe(0)
  })
})
