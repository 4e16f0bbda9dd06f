import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import type { Display } from '../checkout/state.ts'
import { useTakesLong } from './useTakesLong.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function start(first: Display) {
  const display = shallowRef<Display>(first)
  const scope = effectScope()
  const takesLong = scope.run(() => useTakesLong(display))
  if (!takesLong) throw new Error('the scope is active')
  return { display, takesLong, scope }
}

describe('waiting that takes longer than usual', () => {
  it.each([
    ['creating', 15_000],
    ['checking', 30_000],
  ] as const)('is said of %s after %i ms', (display, ms) => {
    const { takesLong } = start(display)
    vi.advanceTimersByTime(ms - 1)
    expect(takesLong.value).toBe(false)
    vi.advanceTimersByTime(1)
    expect(takesLong.value).toBe(true)
  })

  it('begins anew with every state, and is never said of a code that waits for a phone', () => {
    const { display, takesLong } = start('creating')
    vi.advanceTimersByTime(14_000)
    display.value = 'waiting'
    vi.advanceTimersByTime(300_000)
    expect(takesLong.value).toBe(false)
    display.value = 'checking'
    vi.advanceTimersByTime(30_000)
    expect(takesLong.value).toBe(true)
    display.value = 'expired'
    expect(takesLong.value).toBe(false)
  })

  it('ends with the page', () => {
    const { scope } = start('creating')
    scope.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
