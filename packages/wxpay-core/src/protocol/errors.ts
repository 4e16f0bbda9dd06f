/** A call to WeChat failed. `outcome` is all that the caller may assume about the money. */
export abstract class WechatPayError extends Error {
  abstract readonly outcome: 'not-done' | 'unknown'
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

  constructor(call: string, cause: unknown, { raw, rateLimited = false }: { raw?: string | undefined; rateLimited?: boolean } = {}) {
    super(`no trustworthy answer to ${call}`, { cause })
    this.raw = raw
    this.rateLimited = rateLimited
  }
}

/**
 * What a refusal tells about the trade, whatever the protocol's codes for it. `number-in-use`: the number was used before, with
 * other parameters or to an end that is not told.
 */
export type RefusalMeaning = 'number-in-use' | 'paid' | 'closed' | 'other'

interface Refusal {
  meaning: RefusalMeaning
  code: string
  description: string
  raw: string
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

  constructor(call: string, { meaning, code, description, raw }: Refusal) {
    super(`WeChat refused ${call}: ${code} ${description}`)
    this.meaning = meaning
    this.code = code
    this.description = description
    this.raw = raw
  }
}

/** Why a notice was not accepted. Told to WeChat in its own format; nothing is changed by such a notice. */
export type NoticeRefusal = 'too-large' | 'malformed' | 'not-successful' | 'wrong-signature' | 'wrong-merchant' | 'missing-field'

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
