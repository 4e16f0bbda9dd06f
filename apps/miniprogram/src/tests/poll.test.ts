import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Refusal } from '../miniprogram/checkout/api.ts'
import { createPoll, type Question } from '../miniprogram/checkout/poll.ts'

type Outcome = Awaited<ReturnType<Question['ask']>>
const lost: Refusal = { status: null, code: 'no_answer', requestId: null, retryAfterMs: null, order: null }

/** A poll whose requests are answered by the test. */
function pollOf(holdMs = 20_000) {
  const asked: { answer(outcome: Outcome): Promise<void>; abort: ReturnType<typeof vi.fn> }[] = []
  const refusals: Refusal[] = []
  const question: Question = {
    holdMs,
    ask: (onStart) =>
      new Promise((resolve) => {
        const abort = vi.fn()
        onStart(abort)
        asked.push({
          abort,
          async answer(outcome) {
            resolve(outcome)
            await vi.advanceTimersByTimeAsync(0)
          },
        })
      }),
  }
  const known = { all: false }
  const poll = createPoll({
    next: () => (known.all ? null : question),
    onAnswer: () => undefined,
    onRefusal: (refusal) => void refusals.push(refusal),
    random: () => 0.5,
  })
  return { poll, asked, refusals, known, last: () => asked[asked.length - 1] }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('asking for the status', () => {
  it('is one request at a time, the next when the last has ended', async () => {
    const { poll, asked, last } = pollOf()
    poll.start()
    poll.start()
    expect(asked).toHaveLength(1)
    await last()?.answer({ ok: true, isNews: true })
    expect(asked).toHaveLength(2)
  })

  it('backs off 1, 2, 3, 5, 5 seconds after failures, and not after the next answer', async () => {
    const { poll, asked, last } = pollOf()
    poll.start()
    for (const pauseMs of [1_000, 2_000, 3_000, 5_000, 5_000]) {
      const before = asked.length
      await last()?.answer({ ok: false, refusal: lost })
      await vi.advanceTimersByTimeAsync(pauseMs - 1)
      expect(asked).toHaveLength(before)
      await vi.advanceTimersByTimeAsync(1)
      expect(asked).toHaveLength(before + 1)
    }
    const before = asked.length
    await last()?.answer({ ok: true, isNews: true })
    expect(asked).toHaveLength(before + 1)
  })

  it('waits as long as the server asked for, also when somebody wants it at once', async () => {
    const { poll, asked, last } = pollOf()
    poll.start()
    await last()?.answer({ ok: false, refusal: { ...lost, status: 503, retryAfterMs: 30_000 } })
    poll.askNow()
    await vi.advanceTimersByTimeAsync(29_999)
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked).toHaveLength(2)
  })

  it('takes an unchanged answer that came too early for a failure', async () => {
    const { poll, asked, last } = pollOf()
    poll.start()
    await last()?.answer({ ok: true, isNews: false })
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toHaveLength(2)
  })

  it('goes on at once after an unchanged answer that was held', async () => {
    const { poll, asked, last } = pollOf()
    poll.start()
    await vi.advanceTimersByTimeAsync(20_000)
    await last()?.answer({ ok: true, isNews: false })
    expect(asked).toHaveLength(2)
  })

  it('begins anew at once when the page is back: what hangs on a dead connection is given up, and its end is not told', async () => {
    const { poll, asked, refusals } = pollOf()
    poll.start()
    poll.askNow()
    expect(asked).toHaveLength(2)
    expect(asked[0]?.abort).toHaveBeenCalledOnce()
    await asked[0]?.answer({ ok: false, refusal: lost })
    expect(refusals).toEqual([])
    expect(asked).toHaveLength(2)
  })

  it('ends when everything is known, and when it is stopped', async () => {
    const { poll, asked, known, last } = pollOf()
    poll.start()
    known.all = true
    await last()?.answer({ ok: true, isNews: true })
    expect(asked).toHaveLength(1)
    known.all = false
    poll.start()
    poll.stop()
    expect(last()?.abort).toHaveBeenCalledOnce()
    await last()?.answer({ ok: false, refusal: lost })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toHaveLength(2)
  })
})
