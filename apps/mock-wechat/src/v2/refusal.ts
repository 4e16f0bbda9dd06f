/**
 * WeChat's "no" at the outer level: return_code=FAIL, never signed.
 * `reason` is ours: plain English for the developer, shown by GET /_control/refusals.
 */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly returnMsg: string
  readonly reason: string

  constructor(returnMsg: string, reason: string) {
    super(reason)
    this.returnMsg = returnMsg
    this.reason = reason
  }
}

/** WeChat's "no" at the business level: return_code=SUCCESS, result_code=FAIL; signed, but for one known exception. */
export class Failed extends Error {
  override readonly name = 'Failed'
  readonly code: string
  readonly description: string
  readonly reason: string
  readonly signed: boolean

  constructor(code: string, description: string, { reason = description, signed = true }: { reason?: string; signed?: boolean } = {}) {
    super(reason)
    this.code = code
    this.description = description
    this.reason = reason
    this.signed = signed
  }
}
