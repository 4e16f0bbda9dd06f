import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../api/ApiError.ts'
import { createLongPoll } from './longPoll.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

type Answer = boolean | Error

/** A server that answers when it is told to, and a poll that asks it. */
function scene() {
  const asked: { answer(answer: Answer): void; signal: AbortSignal; at: number }[] = []
  let open = 0
  let mostOpen = 0
  let over = false
  const onFailure = vi.fn()
  const poll = createLongPoll({
    next: () => (over ? null : { holdMs: 20_000, ask }),
    onAnswer: () => undefined,
    onFailure,
    random: () => 0.5,
  })
  function ask(signal: AbortSignal): Promise<boolean> {
    mostOpen = Math.max(mostOpen, ++open)
    return new Promise<boolean>((resolve, reject) => {
      const answer = (result: Answer) => (result instanceof Error ? reject(result) : resolve(result))
      asked.push({ answer, signal, at: performance.now() })
      signal.addEventListener('abort', () => reject(new ApiError(noAnswer)))
    }).finally(() => open--)
  }
  poll.start()
  return {
    poll,
    asked,
    onFailure,
    mostOpen: () => mostOpen,
    finish: () => (over = true),
    async answerLast(answer: Answer, afterMs = 0) {
      await vi.advanceTimersByTimeAsync(afterMs)
      asked.at(-1)?.answer(answer)
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}

const noAnswer = { status: null, code: 'no_answer', requestId: null, retryAfterMs: null, view: null }
const lost = () => new ApiError(noAnswer)

describe('the long poll', () => {
  it('asks again at once after news, and after an unchanged answer that was held', async () => {
    const { asked, answerLast } = scene()
    await answerLast(true, 100)
    expect(asked).toHaveLength(2)
    await answerLast(false, 20_000)
    expect(asked).toHaveLength(3)
  })

  it('backs off 1, 2, 3, 5, 5 seconds after failures, and asks on for ever', async () => {
    const { asked, answerLast } = scene()
    for (const pauseMs of [1_000, 2_000, 3_000, 5_000, 5_000]) {
      const before = asked.length
      await answerLast(lost())
      await vi.advanceTimersByTimeAsync(pauseMs - 1)
      expect(asked).toHaveLength(before)
      await vi.advanceTimersByTimeAsync(1)
      expect(asked).toHaveLength(before + 1)
    }
  })

  it('begins with 1 second again after an answer', async () => {
    const { asked, answerLast } = scene()
    await answerLast(lost())
    await vi.advanceTimersByTimeAsync(1_000)
    await answerLast(true)
    await answerLast(lost())
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toHaveLength(4)
  })

  it('takes an unchanged answer that comes early for a failure: a server at its cap answers at once', async () => {
    const { asked, answerLast, onFailure } = scene()
    await answerLast(false, 50)
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toHaveLength(2)
    expect(onFailure).not.toHaveBeenCalled()
  })

  it('obeys Retry-After, also when the shopper comes back to the page', async () => {
    const { asked, answerLast, poll } = scene()
    await answerLast(new ApiError({ ...noAnswer, status: 503, code: 'service_unavailable', retryAfterMs: 30_000 }))
    await vi.advanceTimersByTimeAsync(29_000)
    poll.askNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toHaveLength(2)
  })

  it('gives up a request a little after it should have been answered, and asks on', async () => {
    const { asked, onFailure } = scene()
    await vi.advanceTimersByTimeAsync(24_999)
    expect(asked[0]?.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked[0]?.signal.aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(onFailure).toHaveBeenCalledOnce()
    expect(asked).toHaveLength(2)
  })

  it('asks at once when told to: the pause ends', async () => {
    const { asked, answerLast, poll } = scene()
    await answerLast(lost())
    poll.askNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveLength(2)
  })

  it('begins anew a request that may hang on a dead connection, and does not count that as a failure', async () => {
    const { asked, poll, onFailure } = scene()
    await vi.advanceTimersByTimeAsync(5_000)
    poll.askNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false])
    expect(onFailure).not.toHaveBeenCalled()
  })

  it('lets a request live that has only just begun, however often it is told', async () => {
    const { asked, poll } = scene()
    for (let times = 0; times < 20; times++) poll.askNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveLength(1)
  })

  it('never asks twice at once', async () => {
    const { answerLast, poll, mostOpen } = scene()
    poll.start()
    for (const answer of [true, lost(), false, true, lost()]) {
      poll.askNow()
      poll.start()
      await answerLast(answer, 2_000)
    }
    expect(mostOpen()).toBe(1)
  })

  it('ends when there is nothing more to ask, and begins again when there is', async () => {
    const { asked, answerLast, finish, poll } = scene()
    finish()
    await answerLast(true)
    poll.askNow()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toHaveLength(1)
  })

  it('stops for good with its page: the request is aborted and nobody hears of it', async () => {
    const { asked, poll, onFailure } = scene()
    poll.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true])
    expect(onFailure).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
