import { setTimeout as delay } from 'node:timers/promises'
import { number, record, text, textOrNull, type Json } from './json.ts'

/** What a page knows of its checkout. */
export interface View {
  token: string
  status: string
  confirming: boolean
  attempt: string | null
  version: number
  remainingMs: number | null
  codeUrl: string | null
}

export interface Answer {
  status: number
  /** null with an error. */
  view: View | null
  errorCode: string | null
}

/** Longer than the slowest answer: an equal request waited for, then three calls to WeChat. */
const answerWithinMs = 60_000
/** The run goes through many restarts; this only bounds what would never end. */
const giveUpMs = 600_000

export type ShopClient = ReturnType<typeof shopClient>

/** A page's side of the HTTP API, patient as the real one: what gets no final answer is sent again with the same key. */
export function shopClient(url: string, { onAnswer }: { onAnswer: (answer: Answer) => void }) {
  async function send(method: string, path: string, { body, key, signal }: SendOptions = {}): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...(key && { 'idempotency-key': key }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([AbortSignal.timeout(answerWithinMs), ...(signal ? [signal] : [])]),
    })
    return readAnswer(response.status, record(await response.json()))
  }

  async function sendUntilAnswered(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
    const giveUpAt = performance.now() + giveUpMs
    for (;;) {
      const answer = await send(method, path, options).catch((error: unknown) => {
        if (options.signal?.aborted) throw error
        return undefined // dead, dying, or not up again yet
      })
      if (answer) onAnswer(answer)
      if (answer && isFinal(answer)) return answer
      if (performance.now() > giveUpAt) throw new Error(`no final answer to ${method} ${path}; the last: ${JSON.stringify(answer)}`)
      await delay(150)
    }
  }

  async function viewOf(token: string): Promise<View> {
    return viewIn(await sendUntilAnswered('GET', `/v1/checkouts/${token}`))
  }

  return {
    viewOf,
    open: async (key: string, amountFen: number): Promise<View> =>
      viewIn(await sendUntilAnswered('POST', '/v1/checkouts', { key, body: { amountFen } })),
    refresh: (token: string, key: string): Promise<Answer> =>
      sendUntilAnswered('POST', `/v1/checkouts/${token}/payments`, { key, body: { tradeType: 'native' } }),
    extend: (token: string): Promise<Answer> => sendUntilAnswered('POST', `/v1/checkouts/${token}/extend`),
    cancel: (token: string): Promise<Answer> => sendUntilAnswered('POST', `/v1/checkouts/${token}/cancel`),
    /** Long-polls until the checkout is as wanted. */
    async watch(token: string, wanted: (view: View) => boolean, signal?: AbortSignal): Promise<View> {
      for (;;) {
        const view = await viewOf(token)
        if (wanted(view)) return view
        await sendUntilAnswered('GET', `/v1/checkouts/${token}/status?version=${view.version}&wait=2`, signal ? { signal } : {})
      }
    },
  }
}

interface SendOptions {
  body?: Json
  key?: string
  signal?: AbortSignal
}

/** Anything else is "not now": the same request may be sent again. */
function isFinal({ status, errorCode }: Answer): boolean {
  return status < 500 && status !== 429 && errorCode !== 'request_in_progress'
}

function viewIn({ status, view, errorCode }: Answer): View {
  if (!view) throw new Error(`expected a checkout, got ${status} ${errorCode ?? ''}`)
  return view
}

function readAnswer(status: number, body: Json): Answer {
  if (status >= 400) return { status, view: null, errorCode: text(record(body['error']), 'code') }
  // The status answer has no token and no action: nothing of it is used but that it came.
  return { status, view: 'token' in body ? readView(body) : null, errorCode: null }
}

function readView(body: Json): View {
  const action = body['action']
  return {
    token: text(body, 'token'),
    status: text(body, 'status'),
    confirming: body['confirming'] === true,
    attempt: textOrNull(body, 'attempt'),
    version: number(body, 'version'),
    remainingMs: body['remainingMs'] === null ? null : number(body, 'remainingMs'),
    codeUrl: action === null ? null : text(record(action), 'codeUrl'),
  }
}
