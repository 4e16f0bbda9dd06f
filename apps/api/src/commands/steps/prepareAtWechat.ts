import type { Prepaid, WechatRefusedError } from 'wxpay-core/protocol'
import { backoffMs } from '../../domain/backoff.ts'
import { codeExpiry, payableUntil } from '../../domain/codeLife.ts'
import { withReturn } from '../../domain/means.ts'
import { whyNotPayable } from '../../domain/order.ts'
import { applyPaymentEvent, type Payment, type PaymentAction } from '../../domain/payment.ts'
import { nextQueryAt } from '../../domain/queryLadder.ts'
import { changeOrder, type OrderChange } from '../../storage/changeOrder.ts'
import { bringForward, noteShown } from '../../storage/paymentDuties.ts'
import { claimPrepare, readPrepareTries, releasePrepare } from '../../storage/payments.ts'
import type { PaymentContext } from '../context.ts'
import { callWechat, type CallablePayment } from './callWechat.ts'
import { findPaymentOf } from './findPaymentOf.ts'
import { orderEnd, recordClosed } from './recordClosed.ts'

/** Longer than the longest call to WeChat (8 s), so that one create of a payment is under way at a time. */
const leaseMs = 10_000

/**
 * Creates the payment at WeChat with the stored request, and records the code. Whatever happens, the payment's row
 * tells: pending, refused, still preparing (outcome unknown: a job repeats it), or what a notice or a cancel made of it.
 */
export async function prepareAtWechat(context: PaymentContext, payment: CallablePayment): Promise<void> {
  const { store } = context
  const request = await claimPrepare(store.db, payment.outTradeNo, { now: store.clock.now(), leaseMs })
  if (!request) return
  const created = await callWechat(context, {
    call: 'prepay',
    payment,
    send: (wechat) => wechat.prepay(request),
    nameOf: () => 'created',
  })
  if (created.outcome === 'answered') await recordPrepared(context, payment.outTradeNo, created.answer)
  else if (created.outcome === 'refused') await recordRefusal(context, payment.outTradeNo, created.error)
  else await repeatSoon(context, payment.outTradeNo)
}

/** Nobody knows how it went: the same create again, by a job, after a pause that grows with the tries. */
async function repeatSoon({ store }: PaymentContext, outTradeNo: string): Promise<void> {
  const { tries } = await readPrepareTries(store.db, outTradeNo)
  const at = new Date(store.clock.now().getTime() + backoffMs(tries))
  await store.db.transaction().execute(async (tx) => {
    await releasePrepare(tx, outTradeNo)
    await bringForward(tx, outTradeNo, 'prepare', at)
  })
}

async function recordPrepared({ store, life, publicUrl }: PaymentContext, outTradeNo: string, prepaid: Prepaid): Promise<void> {
  const now = store.clock.now()
  await changeOrder(store, { outTradeNo }, async (checkout, tx): Promise<OrderChange<undefined>> => {
    const before = findPaymentOf(checkout, outTradeNo)
    const codeExpiresAt = codeExpiry({ now, codeLifeMs: life.qrMs, expiresAt: payableUntil(before) })
    const action = comingBack(prepaid.action, `${publicUrl}/pay/${checkout.order.token}`)
    const after = applyPaymentEvent(before, { type: 'prepared', action, prepayId: prepaid.prepayId, codeExpiresAt })
    if (after === before || whyNotPayable(checkout)) return dropCode(before, now)
    const firstQueryAt = nextQueryAt({ shownAt: now, lastQueriedAt: null, queries: 0 }, true)
    await noteShown(tx, before.id, { at: now, firstQueryAt, closeAt: codeExpiresAt })
    return { payments: [after], events: [{ type: 'payment.pending', source: 'api', paymentId: before.id }], result: undefined }
  })
}

/** A phone that leaves for WeChat has to find its way back to the order. */
function comingBack(action: PaymentAction, pageUrl: string): PaymentAction {
  return action.tradeType === 'h5' ? { ...action, url: withReturn(action.url, pageUrl) } : action
}

/**
 * A notice or a cancel came first, of this attempt or of another: nobody is shown this code, and its close goes on at once
 * (rule R3).
 */
function dropCode(before: Payment, now: Date): OrderChange<undefined> {
  const after = applyPaymentEvent(before, { type: 'closing', reason: 'order-paid' })
  return {
    payments: [after],
    events: [{ type: 'payment.code_dropped', source: 'api', paymentId: before.id }],
    turns: after.status === 'closing' ? [closeNow(after, now)] : [],
    result: undefined,
  }
}

function closeNow({ outTradeNo }: Payment, now: Date) {
  return { outTradeNo, duty: 'close' as const, at: now }
}

/** What WeChat's final no to a create means for the payment. */
async function recordRefusal({ store, life }: PaymentContext, outTradeNo: string, refusal: WechatRefusedError): Promise<void> {
  const now = store.clock.now()
  await changeOrder(store, { outTradeNo }, (checkout): OrderChange<unknown> => {
    const before = findPaymentOf(checkout, outTradeNo)
    if (mayExistAtWechat(refusal))
      return { turns: [closeNow(before, now)], events: [saidEvent('number_in_use', before, refusal)], result: undefined }
    // A code that a later try brought meanwhile ends at WeChat, by the book (rule R14), not by the word of an overtaken one.
    if (before.action === null && (refusal.meaning === 'closed' || before.status === 'closing')) {
      return recordClosed(checkout, before, { at: now, source: 'api', orderLifeMs: life.orderMs })
    }
    const after = applyPaymentEvent(before, { type: 'refused', code: refusal.code, description: refusal.description })
    if (after === before) return { result: undefined }
    return {
      payments: [after],
      events: [saidEvent('refused', before, refusal)],
      endsAt: orderEnd(now, life.orderMs),
      result: undefined,
    }
  })
}

/**
 * The number is in use at WeChat: an earlier try was carried out and its answer lost. Whether it is paid or can still
 * be is for a query to say, so the payment is closed by the book.
 */
function mayExistAtWechat({ meaning }: WechatRefusedError): boolean {
  return meaning === 'number-in-use' || meaning === 'paid'
}

/** `refused`: the payment is. `number_in_use`: it stays as it is until a query has told what became of it. */
function saidEvent(what: 'refused' | 'number_in_use', payment: Payment, { code, description, requestId }: WechatRefusedError) {
  return { type: `payment.${what}`, source: 'api' as const, paymentId: payment.id, data: { code, description, requestId } }
}
