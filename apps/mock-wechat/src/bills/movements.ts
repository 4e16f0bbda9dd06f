import type { Trade, TradePayment } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import { feeBackOf, feeOf, type FeeRate } from './fees.ts'

/** Money that came to a merchant or left it. Refunds leave when they are accepted; what a closed one had taken comes back when it closes. */
export type Movement = {
  /** Virtual milliseconds: decides about the day. */
  at: number
  /** What bills say. */
  toldAt: number
  trade: Trade
  payment: TradePayment
  /** Of the payment: kept. Of a refund: given back with it. */
  feeFen: number
} & ({ type: 'payment' } | { type: 'refund' | 'refund-returned'; refund: Refund })

/** What of the ledger is looked at. */
interface Books {
  trades(): readonly Trade[]
  refunds: { of(trade: Trade): readonly Refund[] }
}

/** All of them that began before a moment, in the order of time. References only: the ledger has them in memory anyway. */
export function movementsOf(ledger: Books, { mchid, until, rate }: { mchid: string; until: number; rate: FeeRate }): Movement[] {
  const trades = ledger.trades().filter((trade) => trade.mchid === mchid)
  const all = trades.flatMap((trade) => (trade.payment ? ofTrade(trade, trade.payment, ledger.refunds.of(trade), rate) : []))
  return all.filter(({ at }) => at < until).toSorted((a, b) => a.at - b.at)
}

function ofTrade(trade: Trade, payment: TradePayment, refunds: readonly Refund[], rate: FeeRate): Movement[] {
  const feeFen = feeOf(trade.totalFen, rate)
  const common = { trade, payment }
  const paid: Movement = { ...common, type: 'payment', at: payment.paidAt, toldAt: payment.realPaidAt, feeFen }
  const back = refunds.flatMap((refund, index): Movement[] => {
    const given = feeBackOf({
      totalFen: trade.totalFen,
      feeFen,
      earlierFen: takenBefore(refund, refunds.slice(0, index)),
      refundFen: refund.refundFen,
    })
    const left: Movement = { ...common, type: 'refund', refund, at: refund.acceptedAt, toldAt: refund.realAcceptedAt, feeFen: given }
    return [left, ...returned(left, refund)]
  })
  return [paid, ...back]
}

function returned(left: Movement, refund: Refund): Movement[] {
  const { status, finishedAt, realFinishedAt } = refund
  if (status !== 'CLOSED' || finishedAt === null) return []
  return [{ ...left, type: 'refund-returned', refund, at: finishedAt, toldAt: realFinishedAt ?? finishedAt }]
}

/** What earlier refunds had taken at that moment. */
function takenBefore({ acceptedAt }: Refund, earlier: readonly Refund[]): number {
  const open = earlier.filter(({ status, finishedAt }) => status !== 'CLOSED' || finishedAt === null || finishedAt > acceptedAt)
  return open.reduce((sum, { refundFen }) => sum + refundFen, 0)
}
