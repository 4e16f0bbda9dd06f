import type { IncomingHttpHeaders } from 'node:http'
import { WechatUnknownOutcomeError } from '../errors.ts'
import { createSender, type Outgoing, type Sender, type TlsOptions } from '../send.ts'

export interface Answered {
  came: true
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** No whole answer came. */
export interface NotAnswered {
  came: false
  cause: unknown
}

/** Sends as the service sends, to one address at a time, and keeps the times that WeChat's answers tell. */
export interface Line {
  ask(apiUrl: string, outgoing: Outgoing): Promise<Answered | NotAnswered>
  /** Our clock minus WeChat's, in milliseconds, one for each answer that had a Date. */
  readonly skewsMs: readonly number[]
  close(): Promise<void>
}

export interface LineOptions {
  /** Unix time in milliseconds. */
  now: () => number
  /** Of one call. */
  timeoutMs?: number
  tls?: TlsOptions
}

export function openLine({ now, ...times }: LineOptions): Line {
  const senders = new Map<string, Sender>()
  const skewsMs: number[] = []

  function senderTo(apiUrl: string): Sender {
    const sender = senders.get(apiUrl) ?? createSender({ apiUrl, ...times })
    senders.set(apiUrl, sender)
    return sender
  }

  return {
    skewsMs,
    async ask(apiUrl, outgoing) {
      const askedAt = now()
      try {
        const answer = await senderTo(apiUrl).send(outgoing)
        const date = Date.parse(answer.headers.date ?? '')
        // Date has whole seconds: on average WeChat's clock shows half a second more.
        if (!Number.isNaN(date)) skewsMs.push((askedAt + now()) / 2 - (date + 500))
        return { came: true, ...answer }
      } catch (error) {
        if (error instanceof WechatUnknownOutcomeError) return { came: false, cause: error.cause }
        throw error
      }
    },
    async close() {
      for (const sender of senders.values()) await sender.destroy()
    },
  }
}
