import { describe, expect, it } from 'vitest'
import { billReadyAt, checkBillDay, daysOfPayment, daysOfRefund, plannedDays, secondTryAt } from './billDays.ts'
import { BillDayNotOverError, BillTooOldError } from './billErrors.ts'

const beijing = (text: string) => new Date(`${text}+08:00`)

describe('R21 the days whose bills are fetched', () => {
  it('have their bills at ten of the next', () => {
    expect(billReadyAt('2026-03-01')).toEqual(beijing('2026-03-02T10:00:00'))
  })

  it.each<[string, string, string, string[]]>([
    ['before ten', '2026-03-02T09:59:59', '2026-03-01T12:00:00', []],
    ['from ten on', '2026-03-02T10:00:00', '2026-03-01T12:00:00', ['2026-03-01']],
    [
      'and the day before, when the first payment was begun soon after midnight',
      '2026-03-02T10:00:00',
      '2026-03-01T00:30:00',
      ['2026-02-28', '2026-03-01'],
    ],
    ['all since the first payment', '2026-03-04T11:00:00', '2026-03-01T12:00:00', ['2026-03-01', '2026-03-02', '2026-03-03']],
  ])('%s', (_case, now, since, days) => {
    expect(plannedDays(beijing(now), beijing(since))).toEqual(days)
  })

  it('go back seven days at most by themselves', () => {
    const days = plannedDays(beijing('2026-03-20T11:00:00'), beijing('2026-01-01T12:00:00'))
    expect([days[0], days.at(-1), days.length]).toEqual(['2026-03-13', '2026-03-19', 7])
  })

  it('have a second try a day after the first', () => {
    expect(secondTryAt('2026-03-01')).toEqual(beijing('2026-03-03T10:00:00'))
  })
})

describe('R21 a bill that somebody asks for', () => {
  const now = beijing('2026-03-20T00:00:01')

  it.each(['2026-03-20', '2026-03-21', '2027-01-01'])('of %s, whose day is not over, is refused', (day) => {
    expect(() => checkBillDay(day, now)).toThrow(BillDayNotOverError)
  })

  it.each(['2025-12-18', '2020-01-01'])('of %s, which WeChat does not keep any more, is refused', (day) => {
    expect(() => checkBillDay(day, now)).toThrow(BillTooOldError)
  })

  it.each(['2026-03-19', '2025-12-20'])('of %s may be had', (day) => {
    expect(() => checkBillDay(day, now)).not.toThrow()
  })
})

describe('R21 the day-boundary pool', () => {
  it.each([
    ['2026-03-01T12:00:00', ['2026-03-01']],
    ['2026-03-01T23:59:59', ['2026-03-01', '2026-03-02']],
    ['2026-03-02T00:00:00', ['2026-03-01', '2026-03-02']],
    ['2026-03-02T01:59:59', ['2026-03-01', '2026-03-02']],
    ['2026-03-02T02:00:00', ['2026-03-02']],
  ])('a payment of %s may stand in the bills of %j', (paidAt, days) => {
    expect(daysOfPayment(beijing(paidAt))).toEqual(days)
  })

  const refund = {
    begunAtWechat: false,
    createdAt: beijing('2026-03-03T12:00:00'),
    acceptedAt: beijing('2026-03-05T12:00:00'),
    paidAt: beijing('2026-02-01T12:00:00'),
  }

  it('a refund may stand in the bills from our first call to WeChat’s answer', () => {
    expect(daysOfRefund(refund)).toEqual(['2026-03-03', '2026-03-04', '2026-03-05'])
  })

  it('a refund that was begun at WeChat may have been accepted in the week before we heard of it, and not before the payment', () => {
    expect(daysOfRefund({ ...refund, begunAtWechat: true })[0]).toBe('2026-02-26')
    expect(daysOfRefund({ ...refund, begunAtWechat: true, paidAt: beijing('2026-03-04T12:00:00') })[0]).toBe('2026-03-04')
  })
})
