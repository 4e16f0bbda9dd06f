import type { ErrorCode, Problem } from 'wxpay-core/contract'

/** The request itself cannot be served; nothing was changed. Other errors of a request come from the domain. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: ErrorCode
  readonly problems: readonly Problem[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, { problems, headers = {} }: { problems?: readonly Problem[]; headers?: Record<string, string> } = {}) {
    super(code)
    this.code = code
    this.problems = problems
    this.headers = headers
  }
}

/** The body was not here in time. */
export class SlowBodyError extends RequestError {
  constructor(withinMs: number) {
    super('invalid_request', { problems: [{ param: 'body', code: 'too_slow', message: `did not come within ${withinMs / 1000} s` }] })
  }
}

/** The caller left while it was sending: there is nobody to answer. */
export class CallerGoneError extends Error {
  override readonly name = 'CallerGoneError'
}
