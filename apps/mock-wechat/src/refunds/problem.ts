export const problemKinds = [
  'other-total',
  'other-parameters',
  'overdue',
  'too-many',
  'all-refunded',
  'too-much',
  'too-soon',
  'not-enough',
  'too-fast',
  'old-too-fast',
  'blocked',
] as const
export type ProblemKind = (typeof problemKinds)[number]

/** Why WeChat takes no refund. Each protocol has its own words for it; `reason` is ours, for the developer. */
export class RefundProblem extends Error {
  override readonly name = 'RefundProblem'
  readonly kind: ProblemKind

  constructor(kind: ProblemKind, reason: string) {
    super(reason)
    this.kind = kind
  }
}
