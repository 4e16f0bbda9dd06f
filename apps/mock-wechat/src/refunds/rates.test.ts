import { describe, expect, it } from 'vitest'
import { createClock } from '../clock.ts'
import { RefundProblem } from './problem.ts'
import { createRates } from './rates.ts'

const day = 86_400_000

function openRates(blockMs = 60_000) {
  const clock = createClock(() => 1_800_000_000_000)
  const rates = createRates(clock, blockMs)
  const kind = (run: () => void): string => {
    try {
      rates.watch('m', run)
      return 'taken'
    } catch (cause) {
      return cause instanceof RefundProblem ? cause.kind : 'failed'
    }
  }
  const fail = () => {
    throw new Error('a bad call')
  }
  const take = (paidAt = clock.now()) => kind(() => rates.take('m', paidAt))
  const times = (count: number, run: () => string) => Array.from({ length: count }, run).filter((result) => result !== 'taken')
  return { clock, rates, kind, fail, take, times, pass: (ms: number) => clock.setOffset(clock.offsetMs() + ms) }
}

describe('the rates of one merchant', () => {
  it('are 150 refunds within any second', () => {
    const { take, times, pass, rates } = openRates()
    expect(times(100, () => take())).toEqual([])
    pass(600)
    expect(times(51, () => take())).toEqual(['too-fast'])
    pass(400)
    expect(
      times(100, () => take()),
      'the first hundred are a second ago',
    ).toEqual([])
    expect(rates.strikes('m')).toMatchObject({ perSecond: 1, failing: 0 })
    expect(rates.strikes('another')).toMatchObject({ perSecond: 0 })
  })

  it('are six failing calls within any second; one more, and nothing goes for a minute', () => {
    const { kind, fail, take, pass, rates } = openRates()
    for (let n = 0; n < 6; n += 1) expect(kind(fail)).toBe('failed')
    expect(take(), 'a good one still goes').toBe('taken')
    expect(kind(fail)).toBe('blocked')
    pass(59_999)
    expect(take()).toBe('blocked')
    pass(1)
    expect(take()).toBe('taken')
    expect(rates.strikes('m')).toMatchObject({ failing: 2, perSecond: 0 })
  })

  it('do not count six failing calls of different seconds', () => {
    const { kind, fail, pass } = openRates()
    for (let n = 0; n < 30; n += 1) {
      expect(kind(fail)).toBe('failed')
      pass(200)
    }
  })

  it('are 5,000 refunds of orders older than a month within any minute', () => {
    const { clock, take, times, pass, rates } = openRates()
    const old = () => take(clock.now() - 31 * day)
    for (let n = 0; n < 50; n += 1) {
      expect(times(100, old)).toEqual([])
      pass(1_000)
    }
    expect(old()).toBe('old-too-fast')
    expect(take()).toBe('taken')
    pass(10_000)
    expect(old()).toBe('taken')
    expect(rates.strikes('m')).toMatchObject({ oldOrders: 1 })
  })
})
