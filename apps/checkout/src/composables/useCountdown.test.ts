import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import { formatCountdown, useCountdown } from './useCountdown.ts'
import { useMoment } from './useMoment.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function scene() {
  let now = 1_000
  const endsAt = shallowRef<number | null>(301_000)
  const needed = shallowRef(true)
  const scope = effectScope()
  const seconds = scope.run(() =>
    useCountdown(
      endsAt,
      useMoment(needed, () => now),
    ),
  )
  return {
    endsAt,
    needed,
    scope,
    seconds: () => seconds?.value,
    async pass(ms: number) {
      now += ms
      await vi.advanceTimersByTimeAsync(ms)
    },
    jump: (ms: number) => (now += ms),
  }
}

describe('the countdown', () => {
  it('shows whole seconds, and 0 only when it is over', async () => {
    const { seconds, pass } = scene()
    expect(seconds()).toBe(300)
    await pass(1_000)
    expect(seconds()).toBe(299)
    await pass(298_500)
    expect(seconds()).toBe(1)
    await pass(500)
    expect(seconds()).toBe(0)
    await pass(60_000)
    expect(seconds()).toBe(0)
  })

  it('begins with all of the time, however long ago the moment was looked at', () => {
    const { seconds, endsAt, jump } = scene()
    jump(249)
    endsAt.value = 301_249
    expect(seconds()).toBe(300)
  })

  it('is right again after a sleep, as soon as the page is seen', () => {
    const { seconds, jump } = scene()
    jump(120_000)
    document.dispatchEvent(new Event('visibilitychange'))
    expect(seconds()).toBe(180)
  })

  it('counts nothing when there is nothing to count, and needs no timer then', () => {
    const { seconds, endsAt, needed } = scene()
    endsAt.value = null
    expect(seconds()).toBeNull()
    needed.value = false
    expect(vi.getTimerCount()).toBe(0)
  })

  it('takes its timer with it', () => {
    const { scope } = scene()
    scope.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    [272, '04:32'],
    [60, '01:00'],
    [9, '00:09'],
    [0, '00:00'],
  ])('writes %i seconds as %s', (seconds, text) => {
    expect(formatCountdown(seconds)).toBe(text)
  })
})
