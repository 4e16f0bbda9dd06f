import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCountdown } from '../miniprogram/checkout/countdown.ts'
import { createSteadyClock } from '../miniprogram/support/steadyClock.ts'

describe('a clock that only grows', () => {
  it('is not moved by somebody who sets the phone’s clock an hour back or ahead', () => {
    const phone = { clock: 1_000_000 }
    const now = createSteadyClock(() => phone.clock)
    const after = (ms: number) => {
      phone.clock += ms
      return now()
    }
    expect(after(1_000)).toBe(1_000)
    expect(after(-3_600_000)).toBe(1_000)
    expect(after(1_000)).toBe(2_000)
    expect(after(3_600_000), 'the next answer of the server knows better').toBeLessThanOrEqual(7_000)
    expect(after(1_000)).toBeLessThanOrEqual(8_000)
  })
})

describe('a countdown', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function setUp() {
    const ticks: (number | null)[] = []
    const countdown = createCountdown({ now: () => performance.now(), onTick: () => ticks.push(countdown.secondsLeft()) })
    const start = performance.now()
    return { countdown, ticks, count: (ms: number) => countdown.count(start + ms) }
  }

  it('shows each second once, and 0 only when it is over', () => {
    const { countdown, ticks, count } = setUp()
    count(2_400)
    expect(countdown.secondsLeft()).toBe(3)
    vi.advanceTimersByTime(399)
    expect(ticks).toEqual([])
    vi.advanceTimersByTime(10_000)
    expect(ticks).toEqual([2, 1, 0])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on with another end, and stops when nothing is counted any more', () => {
    const { countdown, ticks, count } = setUp()
    count(60_000)
    vi.advanceTimersByTime(1_000)
    count(121_000)
    vi.advanceTimersByTime(1_000)
    expect(ticks).toEqual([59, 119])
    countdown.count(null)
    expect(countdown.secondsLeft()).toBeNull()
    expect(vi.getTimerCount()).toBe(0)
  })
})
