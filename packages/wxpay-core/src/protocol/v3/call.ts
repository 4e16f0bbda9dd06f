import { WechatUnknownOutcomeError } from '../errors.ts'
import { FieldError } from '../fieldError.ts'
import { withoutQuery, type Incoming } from '../send.ts'
import { plainCode, readError } from './errorBody.ts'
import type { Ask, Exchange } from './exchange.ts'
import { parseObject, type JsonObject } from './json.ts'
import { SignatureProbeError } from './probe.ts'
import type { Verify } from './verifier.ts'

interface Trace {
  raw: string
  requestId: string | undefined
}

/**
 * `done`: WeChat's verified answer; `json` is {} when it has no body. `refused`: its final no, which is never signed; a no that is not
 * final has been thrown as an unknown outcome.
 */
export type Answer = ({ result: 'done'; json: JsonObject } | { result: 'refused'; code: string; description: string }) & Trace

export type Call = (ask: Ask) => Promise<Answer>

export interface CallParts {
  exchange: Exchange
  verify: Verify
  deadline: () => AbortSignal
}

/**
 * WeChat does not sign its 4xx: they are as trustworthy as the connection (TLS), and nothing that follows from a refusal takes money or
 * closes off money: a refused create has shown no code, and a notice still pays it; a number in use, a close that was refused and a query
 * that finds nothing are looked at again before anything is concluded. So these are taken at their word, if they carry a code of WeChat's.
 *
 * Not 401: it is about our own keys and clock, not about the order. Nothing was done this time, but the same call was perhaps done before;
 * it is repeated until the settings are right. Not 408, 409 or 425 either, which WeChat does not document, and not 429.
 */
const finalStatuses = new Set([400, 403, 404])

// Codes that ask for a repeat, whatever the status they come with.
const notFinal = new Set(['SYSTEMERROR', 'BANKERROR', 'BIZERRNEEDRETRY', 'SERVICEUNAVAILABLE', 'SIGNERROR', 'USERPAYING'])
const rateLimits = new Set(['FREQUENCYLIMITED', 'INVALIDREQTOOMUCH', 'RATELIMITEXCEEDED', 'RATELIMITED'])

/** Signs, sends, and hands back only what WeChat has said about this merchant. Every call can be repeated without harm. */
export function createCall({ exchange, verify, deadline }: CallParts): Call {
  async function once(ask: Ask, until: AbortSignal): Promise<Answer> {
    const { status, headers, body } = await exchange(ask, until)
    const trace = { raw: body.toString('utf8'), requestId: readRequestId(headers) }
    const unknown = (cause: unknown, rateLimited = false) =>
      new WechatUnknownOutcomeError(withoutQuery(ask.path), cause, { ...trace, rateLimited })
    if (status !== 200 && status !== 204) return { ...readRefusal(status, body, unknown), ...trace }
    try {
      await verify(headers, body, () => until)
      return { result: 'done', json: body.length === 0 ? {} : parseObject(body), ...trace }
    } catch (cause) {
      throw unknown(cause)
    }
  }

  return async (ask) => {
    const until = deadline() // of both attempts together
    try {
      return await once(ask, until)
    } catch (error) {
      // R8: WeChat's word for it is that a repeated call is not probed again.
      if (!(error instanceof WechatUnknownOutcomeError && error.cause instanceof SignatureProbeError)) throw error
      return once(ask, until)
    }
  }
}

function readRefusal(status: number, body: Buffer, unknown: (cause: unknown, rateLimited: boolean) => Error) {
  const { code, message } = readError(body)
  const plain = plainCode(code)
  const isFinal = finalStatuses.has(status) && code !== '' && !notFinal.has(plain) && !rateLimits.has(plain)
  if (isFinal) return { result: 'refused', code, description: message } as const
  throw unknown(new Error(`HTTP ${status} ${code} ${message}`.trimEnd()), status === 429 || rateLimits.has(plain))
}

/** WeChat's own number of a call or of a notice: what its support asks for. */
export function readRequestId(headers: Incoming['headers']): string | undefined {
  const id = headers['request-id']
  return typeof id === 'string' && id !== '' ? id : undefined
}

/** What is kept of an answer. */
export function traceOf({ raw, requestId }: Trace): { raw: string; requestId?: string } {
  return { raw, ...(requestId !== undefined && { requestId }) }
}

/** Runs a reader over a verified answer; what it cannot read tells nothing about the trade. */
export function readAnswer<T>(path: string, { raw, requestId }: Trace, reader: () => T): T {
  try {
    return reader()
  } catch (cause) {
    if (cause instanceof FieldError) throw new WechatUnknownOutcomeError(withoutQuery(path), cause, { raw, requestId })
    throw cause
  }
}
