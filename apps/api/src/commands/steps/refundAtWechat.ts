import type { RefundRequest, WechatRefusedError } from 'wxpay-core/protocol'
import type { Payment } from '../../domain/payment.ts'
import type { Refund } from '../../domain/refund.ts'
import { notReadyPatienceMs } from '../../domain/refundLadder.ts'
import type { PaymentContext } from '../context.ts'
import { askRefund } from './askRefund.ts'
import { callWechat } from './callWechat.ts'
import { recordRefundReport } from './recordRefundReport.ts'
import { recordRefundSetback } from './recordRefundSetback.ts'
import type { RefundingGate } from './refundGate.ts'

export interface RefundAttempt {
  refund: Refund
  payment: Payment
  request: RefundRequest
  gate: RefundingGate
  /** WeChat may have accepted an earlier try whose answer was lost. */
  triedBefore: boolean
}

/** `call`: how WeChat's limit counts it; `none`: it was not sent. `next`: when to try again, if it still has to be. */
export interface Attempted {
  call: 'good' | 'failed' | 'none'
  next: 'soon' | 'rate-limited' | 'funds' | 'mismatch'
}

/** Submits a refund, always under its number and with its parameters, and records what came of it. What is not known stays `submitting`. */
export async function refundAtWechat(context: PaymentContext, attempt: RefundAttempt): Promise<Attempted> {
  if (attempt.triedBefore) {
    const asked = await ask(context, attempt)
    if (asked.state === 'unknown') return { call: 'none', next: 'soon' }
    if (asked.state === 'found') return { call: 'none', next: 'mismatch' }
  }
  const { payment, request, gate } = attempt
  const sent = await callWechat(context, {
    call: 'refund',
    payment: { ...payment, protocol: gate.protocol },
    send: () => gate.refund(fitting(context, attempt, request)),
    nameOf: ({ refund }) => refund.state,
  })
  if (sent.outcome === 'unknown') return { call: 'failed', next: sent.error.rateLimited ? 'rate-limited' : 'soon' }
  if (sent.outcome === 'refused') return { call: 'failed', next: await settleRefusal(context, attempt, sent.error) }
  const { refund: reported, requestId } = sent.answer
  await recordRefundReport(context, { reported, protocol: gate.protocol, source: 'api', requestId })
  return { call: 'good', next: 'mismatch' } // if it is still submitting, the answer was about something else
}

/** By another protocol than it was stored for, because that one cannot refund: its notices go to another address. */
function fitting({ refundNotifyUrl }: PaymentContext, { refund, gate }: RefundAttempt, request: RefundRequest): RefundRequest {
  return gate.protocol === refund.protocol ? request : { ...request, notifyUrl: refundNotifyUrl(gate.protocol) }
}

function ask(context: PaymentContext, { payment, gate, refund }: RefundAttempt) {
  return askRefund(context, { payment, gate, by: { outRefundNo: refund.outRefundNo } })
}

/** A refusal is final only when WeChat knows nothing of the number: an earlier try, whose answer was lost, may have been accepted. */
async function settleRefusal(context: PaymentContext, attempt: RefundAttempt, error: WechatRefusedError): Promise<Attempted['next']> {
  const { meaning, code, description } = error
  const now = context.store.clock.now()
  const { refund, payment } = attempt
  const about = { outTradeNo: payment.outTradeNo, outRefundNo: refund.outRefundNo }
  const { refundFen } = refund
  if (meaning === 'not-enough-funds') {
    const tell = { type: 'refund.waiting_for_funds', data: { refundFen, code, description }, alarm: 'refund-waits-for-funds' }
    await recordRefundSetback(context, { ...about, event: { type: 'no-funds' }, tell })
    return 'funds'
  }
  if (meaning === 'not-ready' && now.getTime() - refund.createdAt.getTime() < notReadyPatienceMs) return 'soon'
  const asked = await ask(context, attempt)
  if (asked.state === 'unknown') return asked.rateLimited ? 'rate-limited' : 'soon'
  if (asked.state === 'found') return 'mismatch'
  const alarm = refund.origin === 'operator' ? null : 'refund-refused' // who asked for it sees it
  const tell = { type: 'refund.refused', data: { refundFen, code, description }, alarm }
  await recordRefundSetback(context, { ...about, event: { type: 'refused', code, description, at: now }, tell })
  return 'soon'
}
