import { Agent, request } from 'undici'
import type { Json } from './json.ts'

export interface StrictAnswer {
  status: number
  body: unknown
}

/** Asks on a connection of its own each time, and notes every request that got no whole answer: none is repeated. */
export interface StrictClient {
  /** @returns undefined when the connection broke; `broken` tells why */
  ask(method: 'GET' | 'POST', path: string, options?: { body?: Json; key?: string }): Promise<StrictAnswer | undefined>
  readonly broken: string[]
  readonly answers: Map<number, number>
  close(): Promise<void>
}

/** A held request takes 25 s at most. */
const answerWithinMs = 120_000

export function strictClient(url: string): StrictClient {
  const agent = new Agent({ pipelining: 0, headersTimeout: answerWithinMs, bodyTimeout: answerWithinMs })
  const broken: string[] = []
  const answers = new Map<number, number>()
  return {
    broken,
    answers,
    async ask(method, path, { body, key } = {}) {
      try {
        const answer = await request(url + path, {
          method,
          dispatcher: agent,
          headers: { ...(body && { 'content-type': 'application/json' }), ...(key && { 'idempotency-key': key }) },
          ...(body && { body: JSON.stringify(body) }),
        })
        const parsed = await answer.body.json()
        answers.set(answer.statusCode, (answers.get(answer.statusCode) ?? 0) + 1)
        return { status: answer.statusCode, body: parsed }
      } catch (error) {
        broken.push(
          `${method} ${path.replace(/\/checkouts\/[^/?]+/, '/checkouts/…')}: ${error instanceof Error ? error.message : String(error)}`,
        )
        return undefined
      }
    },
    close: () => agent.close(),
  }
}
