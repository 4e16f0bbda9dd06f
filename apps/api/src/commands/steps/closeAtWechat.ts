import { applyPaymentEvent, isOpen, isUnsettled, type CloseReason, type Payment } from '../../domain/payment.ts'
import { changeOrder, type OrderChange } from '../../storage/changeOrder.ts'
import { claimClose, releaseClose } from '../../storage/paymentDuties.ts'
import { readPrepareTries } from '../../storage/payments.ts'
import type { EventSource } from '../../storage/tables.ts'
import type { PaymentContext } from '../context.ts'
import { askWechat, type Asked } from './askWechat.ts'
import { callWechat } from './callWechat.ts'
import { findPaymentOf } from './findPaymentOf.ts'
import { recordClosed } from './recordClosed.ts'
import { tradeOf } from './tradeOf.ts'

/** A create that got no answer may still land at WeChat for this long. */
const createSettlesAfterMs = 30_000

/** Longer than the three calls of a close, of at most 8 s each, so that one close of a payment is under way at a time. */
const leaseMs = 30_000

/** Its next turn finishes the close when the caller dies in the middle of it. */
const rescueAfterMs = 20_000

/** `closed`: WeChat has confirmed it. `unsettled`: WeChat has money for it. `unknown`: still payable; a job tries again. */
export type CloseOutcome = 'closed' | 'unsettled' | 'unknown'

/**
 * Closes a payment at WeChat: query, close, query again (rule R14). Never a local update alone. Money that WeChat
 * reports on the way is recorded, never closed away.
 */
export async function closeAtWechat(
  context: PaymentContext,
  outTradeNo: string,
  { reason, source }: { reason: CloseReason; source: EventSource },
): Promise<CloseOutcome> {
  const { payment, isOurs } = await beginClosing(context, outTradeNo, { reason, source })
  if (!isOurs) return outcomeOf(payment)
  try {
    return await queryCloseQuery(context, payment, source)
  } finally {
    await releaseClose(context.store.db, outTradeNo)
  }
}

async function queryCloseQuery(context: PaymentContext, payment: Payment, source: EventSource): Promise<CloseOutcome> {
  const { outTradeNo } = payment
  const before = await askWechat(context, payment, 'query')
  if (before.state !== 'pending') return conclude(context, payment, before, source)
  const answered = await callWechat(context, {
    call: 'close',
    payment,
    send: (wechat) => wechat.close(outTradeNo, tradeOf(payment).appId),
    nameOf: ({ state }) => state,
  })
  if (answered.outcome !== 'answered') return 'unknown'
  const after = await askWechat(context, payment, 'query')
  // ORDERPAID: whatever a query says that does not know of the money yet, this is not closed.
  if (answered.answer.state === 'paid' && after.state !== 'paid') return 'unknown'
  return conclude(context, payment, after, source)
}

interface Begun {
  payment: Payment
  /** There is something to close, and nobody else is closing it at this moment. */
  isOurs: boolean
}

async function beginClosing(
  context: PaymentContext,
  outTradeNo: string,
  { reason, source }: { reason: CloseReason; source: EventSource },
): Promise<Begun> {
  const { store } = context
  const now = store.clock.now()
  const rescueAt = new Date(now.getTime() + rescueAfterMs)
  const changed = await changeOrder(store, { outTradeNo }, async (checkout, tx): Promise<OrderChange<Begun>> => {
    const payment = findPaymentOf(checkout, outTradeNo)
    const closing = applyPaymentEvent(payment, { type: 'closing', reason })
    const isOurs = closing.status === 'closing' && (await claimClose(tx, outTradeNo, { now, leaseMs }))
    if (closing === payment) return { result: { payment, isOurs } }
    return {
      payments: [closing],
      events: [{ type: 'payment.closing', source, paymentId: payment.id, data: { reason } }],
      turns: payment.status === 'closing' ? [] : [{ outTradeNo, duty: 'close', at: rescueAt }],
      result: { payment: closing, isOurs },
    }
  })
  if (!changed) throw new Error(`payment ${outTradeNo} has no order`)
  return changed.result
}

/** What the last answer allows us to record. */
async function conclude(context: PaymentContext, payment: Payment, asked: Asked, source: EventSource): Promise<CloseOutcome> {
  if (asked.state === 'paid') return 'unsettled'
  const gone = asked.state === 'closed' || (asked.state === 'not-found' && (await canNotBePaid(context, payment)))
  if (!gone) return 'unknown'
  const { store, life } = context
  const changed = await changeOrder(store, { outTradeNo: payment.outTradeNo }, (checkout) =>
    recordClosed(checkout, findPaymentOf(checkout, payment.outTradeNo), { at: store.clock.now(), source, orderLifeMs: life.orderMs }),
  )
  const outcome = changed ? outcomeOf(changed.result) : 'unknown'
  // WeChat made that code: it was asked as another merchant, or somebody else has answered, and nobody knows whether it was paid.
  const isDoubtful = outcome === 'closed' && asked.state === 'not-found' && payment.action !== null
  if (isDoubtful) context.alarms.anomaly('unknown-at-wechat', { outTradeNo: payment.outTradeNo })
  return outcome
}

/**
 * WeChat does not know the number. That is final when no code of it was shown and a create under way would have
 * landed by now, or when the time in which WeChat would take money is over.
 */
async function canNotBePaid({ store }: PaymentContext, payment: Payment): Promise<boolean> {
  const now = store.clock.now().getTime()
  if (now - payment.expiresAt.getTime() >= createSettlesAfterMs) return true
  if (payment.action) return false
  const { startedAt } = await readPrepareTries(store.db, payment.outTradeNo)
  return startedAt === null || now - startedAt.getTime() >= createSettlesAfterMs
}

function outcomeOf(payment: Payment): CloseOutcome {
  if (payment.status === 'paid' || isUnsettled(payment)) return 'unsettled'
  return isOpen(payment) ? 'unknown' : 'closed'
}
