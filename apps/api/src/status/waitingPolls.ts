import type { Checkout } from '../domain/order.ts'

interface WaitingPoll {
  version: number
  end(checkout?: Checkout): void
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

    /** Resolves with the changed order, or with undefined when the time is over, the caller is gone or everybody is sent home. */
    wait({ token, version, waitMs, signal }: Wait): Promise<Checkout | undefined> {
      return new Promise((resolve) => {
        const end = (checkout?: Checkout) => {
          if (!remove(token, poll)) return
          clearTimeout(timer)
          signal.removeEventListener('abort', give)
          resolve(checkout)
        }
        const give = () => end()
        const poll = { version, end }
        const timer = setTimeout(give, waitMs)
        signal.addEventListener('abort', give)
        add(token, poll)
      })
    },

    /** Answers those who have another version than this. */
    answer(token: string, checkout: Checkout): void {
      for (const poll of byToken.get(token) ?? []) if (poll.version !== checkout.order.version) poll.end(checkout)
    },

    answerAll(): void {
      for (const polls of byToken.values()) for (const poll of polls) poll.end()
    },
  }
}
