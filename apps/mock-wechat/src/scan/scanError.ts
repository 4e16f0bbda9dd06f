/** `message` is what the payer sees, in WeChat's words; `reason` is for GET /_control/refusals. */
export class ScanError extends Error {
  override readonly name = 'ScanError'
  readonly reason: string

  constructor(message: string, reason: string) {
    super(message)
    this.reason = reason
  }
}
