import type { NoticeRefusal } from '../errors.ts'

export type SignatureProblem = Extract<
  NoticeRefusal,
  'missing-header' | 'malformed' | 'stale' | 'unknown-key' | 'wrong-signature' | 'probe'
>

/** A message does not carry WeChat's signature. The message names headers, never a value of them. */
export class SignatureError extends Error {
  override readonly name: string = 'SignatureError'
  readonly problem: SignatureProblem

  constructor(problem: SignatureProblem, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.problem = problem
  }
}
