import type { Checkout } from '../domain/order.ts'

/** The changed order, or why there is none: `sent-home` when the caller is gone or nobody may wait any longer. */
export type WaitEnd = Checkout | 'time-over' | 'sent-home'

interface WaitingPoll {
  version: number
  end(how: WaitEnd): void
}

export interface Wait {
  token: string
  /** What the page has. */
  version: number
  waitMs: number
  signal: AbortSignal
}

/** The polls that are held, by order. */
export function createWaitingPolls() {
  const byToken = new Map<string, Set<WaitingPoll>>()
  let count = 0

  function add(token: string, poll: WaitingPoll): void {
    const polls = byToken.get(token)
    if (polls) polls.add(poll)
    else byToken.set(token, new Set([poll]))
    count++
  }

  function remove(token: string, poll: WaitingPoll): boolean {
    const polls = byToken.get(token)
    if (!polls?.delete(poll)) return false
    if (polls.size === 0) byToken.delete(token)
    count--
    return true
  }

  return {
    count: () => count,
    has: (token: string) => byToken.has(token),
    tokens: () => [...byToken.keys()],

    wait({ token, version, waitMs, signal }: Wait): Promise<WaitEnd> {
      return new Promise((resolve) => {
        const end = (how: WaitEnd) => {
          if (!remove(token, poll)) return
          clearTimeout(timer)
          signal.removeEventListener('abort', leave)
          resolve(how)
        }
        const leave = () => end('sent-home')
        const poll = { version, end }
        const timer = setTimeout(end, waitMs, 'time-over')
        signal.addEventListener('abort', leave)
        add(token, poll)
      })
    },

    /** Answers those who have another version than this. */
    answer(token: string, checkout: Checkout): void {
      for (const poll of byToken.get(token) ?? []) if (poll.version !== checkout.order.version) poll.end(checkout)
    },

    answerAll(): void {
      for (const polls of byToken.values()) for (const poll of polls) poll.end('sent-home')
    },
  }
}
