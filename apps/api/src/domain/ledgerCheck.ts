/** Sums of the ledger and of what it should agree with. */
export interface LedgerFigures {
  /** Balance of wechat_clearing. */
  clearingFen: number
  /** Payments less refunds of ours that no compared bill has confirmed. */
  unconfirmedFen: number
  /** Of these, what is old enough to be in a bill and is no discrepancy; each amount without its sign. */
  unexplainedFen: number
  /** Orders that owe or are owed something although nothing is wrong with their payments; each amount without its sign. */
  unexplainedReceivableFen: number
}

export type LedgerProblem = 'ledger-clearing' | 'ledger-unexplained' | 'ledger-receivable'

/** What somebody must look into: nothing, when the flows clear. */
export function judgeLedger({ clearingFen, unconfirmedFen, unexplainedFen, unexplainedReceivableFen }: LedgerFigures): LedgerProblem[] {
  return [
    ...(clearingFen === unconfirmedFen ? [] : (['ledger-clearing'] as const)),
    ...(unexplainedFen === 0 ? [] : (['ledger-unexplained'] as const)),
    ...(unexplainedReceivableFen === 0 ? [] : (['ledger-receivable'] as const)),
  ]
}
