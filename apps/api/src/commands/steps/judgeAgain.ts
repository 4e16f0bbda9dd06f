import type { Discrepancy } from '../../domain/discrepancy.ts'
import { findBilledDay, findPaymentPair, findRefundPair } from '../../storage/billDifferences.ts'
import type { Tx } from '../../storage/database.ts'
import { findDiscrepancy, resolve } from '../../storage/discrepancies.ts'
import type { BillContext } from '../billContext.ts'
import { judgePaymentPair, judgeRefundPair } from './judgePairs.ts'

export type Judged =
  | { state: 'gone' }
  | { state: 'resolved'; billId: string }
  /** `billedRefundId`: WeChat's number of the refund that the bill names. */
  | { state: 'open'; discrepancy: Discrepancy; billedRefundId: string | null }

/** Looks at both sides of a difference as they are now; when they agree, it is resolved, and the event says why. */
export async function judgeAgain(context: JudgeContext, id: string): Promise<Judged> {
  const judged = await judge(context, id)
  if (judged.state === 'resolved') await context.onAgreement?.(judged.billId)
  return judged
}

type JudgeContext = Pick<BillContext, 'store' | 'clock' | 'mchId' | 'onAgreement'>

async function judge({ store, clock, mchId }: JudgeContext, id: string): Promise<Judged> {
  return store.db.transaction().execute(async (tx) => {
    const discrepancy = await findDiscrepancy(tx, id)
    if (discrepancy?.state !== 'open') return { state: 'gone' }
    const reason = await agreement(tx, mchId, discrepancy)
    if (reason === null) return { state: 'open', discrepancy, billedRefundId: isOfBilledRefund(discrepancy) ? discrepancy.number : null }
    await resolve(tx, { id, resolver: 'reconciliation', reason, source: 'bill', at: clock.now() })
    return { state: 'resolved', billId: discrepancy.billId }
  })
}

/** Why both sides agree by now; null while they do not. */
async function agreement(tx: Tx, mchId: string, discrepancy: Discrepancy): Promise<string | null> {
  const { class: kind, billId, number, refundId } = discrepancy
  switch (kind) {
    case 'billed-not-paid':
    case 'amount-differs':
    case 'unknown-number': {
      const pair = await findPaymentPair(tx, { billId, mchId, outTradeNo: number })
      return pair && judgePaymentPair(pair) === null ? 'the payment is booked by now, as the bill has it' : null
    }
    case 'refund-unknown':
    case 'refund-differs': {
      const pair = await findRefundPair(tx, { billId, mchId, refundId: number })
      return pair && judgeRefundPair(pair) === null ? 'the refund is booked by now, as the bill has it' : null
    }
    case 'paid-not-billed':
      return billedOn(await findBilledDay(tx, { mchId, outTradeNo: number }))
    case 'refund-not-billed':
      return refundId === null ? null : billedOn(await findBilledDay(tx, { mchId, ourRefundId: refundId }))
    case 'fee-unexpected':
    case 'flow-differs':
      return null
  }
}

function billedOn(day: string | undefined): string | null {
  return day === undefined ? null : `the bill of ${day} has it`
}

function isOfBilledRefund({ class: kind }: Discrepancy): boolean {
  return kind === 'refund-unknown' || kind === 'refund-differs'
}
