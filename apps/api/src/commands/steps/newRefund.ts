import type { RefundRequest } from 'wxpay-core/protocol'
import type { PlannedRefund } from '../../domain/planRefund.ts'
import type { RefundOrigin } from '../../domain/refund.ts'
import type { NewEvent } from '../../storage/events.ts'
import type { NewRefund } from '../../storage/refunds.ts'
import type { IdempotentRequest } from '../../storage/savedAnswer.ts'
import type { EventSource } from '../../storage/tables.ts'
import type { PaymentContext } from '../context.ts'
import { refundGate, refundQueryGate } from './refundGate.ts'
import { tradeOf } from './tradeOf.ts'

export interface RefundOrder {
  planned: PlannedRefund
  outRefundNo: string
  origin: Exclude<RefundOrigin, 'wechat'>
  reason?: string | undefined
  source: EventSource
  now: Date
  key?: IdempotentRequest
}

/** A refund as it is stored: with its number, its exact request and its first turn, before WeChat hears of it (rules R2, R19). */
export function newRefund(
  { wechat, refundNotifyUrl }: Pick<PaymentContext, 'wechat' | 'refundNotifyUrl'>,
  { planned, outRefundNo, origin, reason, source, now, key }: RefundOrder,
): { refund: NewRefund; event: NewEvent } {
  const { payment, transactionId, refundFen } = planned
  const { protocol } = refundGate(wechat, payment) ?? refundQueryGate(wechat, payment)
  const request: RefundRequest = {
    ...tradeOf(payment),
    transactionId,
    outRefundNo,
    totalFen: payment.totalFen,
    refundFen,
    ...(reason !== undefined && { reason }),
    notifyUrl: refundNotifyUrl(protocol),
  }
  const nothingYet = { waitingFor: null, refundId: null, payerRefundFen: null, receivedAccount: null, refusal: null }
  const noTimesYet = { acceptedAt: null, succeededAt: null, recordedAt: null }
  const facts = { paymentId: payment.id, outRefundNo, origin, protocol, refundFen, reason: reason ?? null }
  return {
    refund: {
      refund: { ...facts, ...nothingYet, ...noTimesYet, status: 'submitting', createdAt: now },
      request,
      nextSubmitAt: now,
      nextQueryAt: null,
      key,
    },
    event: { type: 'refund.requested', source, paymentId: payment.id, data: { outRefundNo, refundFen, origin } },
  }
}
