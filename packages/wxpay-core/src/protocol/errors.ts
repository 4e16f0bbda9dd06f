/** A call to WeChat failed. `outcome` is all that the caller may assume about the money. */
export abstract class WechatPayError extends Error {
  abstract readonly outcome: 'not-done' | 'unknown'
  /** WeChat's own number of the call (Request-ID), where the protocol has one and an answer came. */
  abstract readonly requestId: string | undefined
}

interface UnknownOutcome {
  raw?: string | undefined
  rateLimited?: boolean
  requestId?: string | undefined
}

/**
 * No answer to trust: time-out, reset, 5xx, SYSTEMERROR, a missing or wrong signature. Never take it for a failure:
 * query, or repeat the same call with the same parameters.
 */
export class WechatUnknownOutcomeError extends WechatPayError {
  override readonly name = 'WechatUnknownOutcomeError'
  readonly outcome = 'unknown'
  /** WeChat asked for fewer calls (FREQUENCY_LIMITED, 429): wait before the repeat. */
  readonly rateLimited: boolean
  /** The answer's text as it arrived, when there was one. */
  readonly raw: string | undefined
  readonly requestId: string | undefined

  constructor(call: string, cause: unknown, { raw, rateLimited = false, requestId }: UnknownOutcome = {}) {
    super(`no trustworthy answer to ${call}${shown(requestId)}`, { cause })
    this.raw = raw
    this.rateLimited = rateLimited
    this.requestId = requestId
  }
}

/**
 * What a refusal tells about the trade, whatever the protocol's codes for it. `number-in-use`: the number was used before, with
 * other parameters or to an end that is not told. Of refunds: `not-enough-funds`: the merchant's balance is too small, the same number may be
 * tried again; `not-ready`: WeChat does not know the payment yet, or is still busy with it; `too-late`: past WeChat's year.
 */
export type RefusalMeaning = 'number-in-use' | 'paid' | 'closed' | 'not-enough-funds' | 'not-ready' | 'too-late' | 'other'

interface Refusal {
  meaning: RefusalMeaning
  code: string
  description: string
  raw: string
  requestId?: string | undefined
}

/**
 * WeChat said no in a verified answer, and nothing was done. Decide by `meaning`; `code` and `description` are WeChat's own words,
 * for people to read.
 */
export class WechatRefusedError extends WechatPayError {
  override readonly name = 'WechatRefusedError'
  readonly outcome = 'not-done'
  readonly meaning: RefusalMeaning
  readonly code: string
  readonly description: string
  readonly raw: string
  readonly requestId: string | undefined

  constructor(call: string, { meaning, code, description, raw, requestId }: Refusal) {
    super(`WeChat refused ${call}: ${code} ${description}${shown(requestId)}`)
    this.requestId = requestId
    this.meaning = meaning
    this.code = code
    this.description = description
    this.raw = raw
  }
}

/** The settings do not allow this bill: nothing was sent. */
export class BillKindUnavailableError extends Error {
  override readonly name = 'BillKindUnavailableError'
}

function shown(requestId: string | undefined): string {
  return requestId === undefined ? '' : ` (Request-ID ${requestId})`
}

/**
 * Why a notice was not accepted. Told to WeChat in its own format; nothing is changed by such a notice.
 *
 * `probe`: WeChat tests whether wrong signatures are refused (WECHATPAY/SIGNTEST/), and sends the right one later: no forgery, no alarm.
 * `stale`: signed too long ago, or our clock is wrong. `unknown-key`: signed with a key that we do not have, which may be a setting's fault.
 * `undecryptable`: WeChat has signed it, and our key does not open it. `unsupported`: genuine, and about something that is not handled here.
 */
export type NoticeRefusal =
  | 'too-large'
  | 'malformed'
  | 'not-successful'
  | 'missing-header'
  | 'stale'
  | 'unknown-key'
  | 'probe'
  | 'wrong-signature'
  | 'undecryptable'
  | 'unsupported'
  | 'wrong-merchant'
  | 'missing-field'

/** The message tells why in names of fields, never with a value of the notice. */
export class NoticeRefusedError extends Error {
  override readonly name = 'NoticeRefusedError'
  readonly reason: NoticeRefusal
  /** The signature was right: no forger, but WeChat itself says what we cannot take, and somebody must look. */
  readonly authentic: boolean

  constructor(reason: NoticeRefusal, detail: string, { authentic = false, ...options }: ErrorOptions & { authentic?: boolean } = {}) {
    super(`notice refused, ${reason}: ${detail}`, options)
    this.reason = reason
    this.authentic = authentic
  }
}
