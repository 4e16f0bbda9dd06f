/** `trade`: payments and refunds of a day. `fund-flow`: what came into the merchant's basic account and left it. */
export type BillKind = 'trade' | 'fund-flow'

/**
 * `due`: to be fetched. `stored`: the file is kept, to be compared. `empty`: WeChat says that nothing happened. `set-aside`: kept, and not
 * believed.
 */
export type BillState = 'due' | 'stored' | 'reconciled' | 'empty' | 'set-aside'

/** Why a bill was set aside, or why the last try to fetch it failed. */
export interface BillProblem {
  code: BillProblemCode
  /** For a person. */
  detail: string
}

export type BillProblemCode =
  | 'not-ready'
  | 'no-answer'
  | 'refused'
  | 'cut-off'
  | 'wrong-hash'
  | 'broken'
  | 'other-merchant'
  | 'kind-unavailable'

/** A bill of WeChat's, of one Beijing day. */
export interface Bill {
  readonly id: string
  readonly mchId: string
  readonly kind: BillKind
  /** yyyy-MM-dd */
  readonly billDate: string
  readonly state: BillState
  readonly problem: BillProblem | null
  /** WeChat has no file of that day, which is its word that nothing happened. */
  readonly isEmpty: boolean
  readonly rows: number | null
  /** Counted from its rows: how many, and sums in fen. */
  readonly totals: Readonly<Record<string, number>> | null
  readonly tries: number
  readonly nextTryAt: Date | null
  readonly storedAt: Date | null
  readonly reconciledAt: Date | null
}

const minute = 60_000

/** WeChat asks to come again after half an hour. */
export const notReadyGapMs = 30 * minute

/** After a try whose outcome is not known: 1, 2, 4 … up to 30 minutes. @param tries - this one included */
export function billRetryGapMs(tries: number): number {
  return Math.min(minute * 2 ** Math.min(Math.max(0, tries - 1), 10), 30 * minute)
}

/** A file that ends too early is asked for again; one that always does is kept as it is, for a person. */
export const mostCutOffTries = 5

/** Somebody hears of a bill that has not come after so many tries. */
export const triesBeforeAlarm = 12

/** How soon both sides of an open difference are looked at again: each minute at first, each hour after a day. */
export function judgeGapMs(ageMs: number): number {
  if (ageMs < 60 * minute) return minute
  return ageMs < 24 * 60 * minute ? 10 * minute : 60 * minute
}
