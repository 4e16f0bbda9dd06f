import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Protocol, Scan } from 'wxpay-core/protocol'
import { TooManyCheckoutsError } from '../domain/errors.ts'
import { closeOrder, openPayment, whyNotPayable } from '../domain/order.ts'
import { applyPaymentEvent, type Payment } from '../domain/payment.ts'
import type { Product } from '../domain/product.ts'
import { changeOrder, type OrderChange } from '../storage/changeOrder.ts'
import type { Tx } from '../storage/database.ts'
import { insertEvents } from '../storage/events.ts'
import { claimKey, tieKey } from '../storage/idempotencyKeys.ts'
import { insertOrder } from '../storage/orders.ts'
import { findPayment, findPaymentById } from '../storage/payments.ts'
import { anyProductIsActive, findProduct } from '../storage/products.ts'
import type { IdempotentRequest } from '../storage/savedAnswer.ts'
import { newOrderNo, newToken } from '../support/ids.ts'
import type { PaymentContext } from './context.ts'
import type { OpenCheckoutContext } from './openCheckout.ts'
import { findPaymentOf } from './steps/findPaymentOf.ts'
import { newAttempt } from './steps/newAttempt.ts'
import { prepareAtWechat } from './steps/prepareAtWechat.ts'
import { refuseTooMany } from './steps/refuseTooMany.ts'

/**
 * Why a scan gets no payment. `shop-closed`: printed codes are switched off, or nothing is sold by them. `refused`: by WeChat.
 * `unavailable`: no answer in time. `settled`: this very scan has been paid already.
 */
export type ScanDecline = 'shop-closed' | 'unknown-product' | 'inactive-product' | 'too-many' | 'refused' | 'unavailable' | 'settled'

export type ScanOutcome = { outcome: 'prepared'; prepayId: string } | { outcome: 'declined'; because: ScanDecline }

export interface StartScanContext extends Pick<OpenCheckoutContext, 'payments' | 'facts' | 'limits'> {
  /** The protocol that printed codes are of, whatever others are paid by. */
  protocol: Protocol
  /** Whether the shop takes payments by printed codes. */
  isOpen: boolean
}

/**
 * Answers a verified scan of a printed code (Native mode 1): an order for the product at its price now, and the prepay id of its payment.
 * The same scan again (product, payer and WeChat's nonce) is the same order with the same prepay id. Whoever is declined has to scan
 * again: an order that was stored for nothing ends here.
 *
 * @param withinMs - WeChat's patience
 */
export async function startScan(context: StartScanContext, scan: Scan, withinMs: number): Promise<ScanOutcome> {
  const giveUpAt = performance.now() + withinMs
  if (!context.isOpen) return declined('shop-closed')
  const stored = await storeScan(context, scan)
  if (typeof stored === 'string') return declined(stored)
  const { payments } = context
  const payment = await prepareUntil(payments, stored, giveUpAt)
  if (payment.status === 'paid' || payment.confirmingSince) return declined('settled')
  const prepayId = prepayIdOf(payment) ?? (await abandon(payments, payment.outTradeNo))
  if (prepayId !== null) return { outcome: 'prepared', prepayId }
  return declined(payment.status === 'refused' ? 'refused' : 'unavailable')
}

function prepayIdOf(payment: Payment): string | null {
  return payment.status === 'pending' && !payment.confirmingSince ? payment.prepayId : null
}

function declined(because: ScanDecline): ScanOutcome {
  return { outcome: 'declined', because }
}

/** What WeChat says makes a scan the same as another, without the payer's openid in plain sight. */
function requestOf({ productId, openId, nonce }: Scan): IdempotentRequest {
  const key = createHash('sha256')
    .update(JSON.stringify([productId, openId, nonce]))
    .digest('hex')
  return { scope: 'POST /notices/v2/scan', key, fingerprint: key }
}

async function storeScan(context: StartScanContext, scan: Scan): Promise<Payment | ScanDecline> {
  const { store } = context.payments
  try {
    return await store.db.transaction().execute(async (tx) => {
      // No lease: two equal scans may be answered side by side, because the create is sent by one at a time anyway.
      const key = await claimKey(tx, requestOf(scan), { now: store.clock.now(), leaseMs: null })
      if (key.state === 'new') return await storeOrder(context, tx, scan)
      const known = key.state === 'resumed' && key.paymentId !== null ? await findPaymentById(tx, key.paymentId) : undefined
      return known ?? 'unavailable'
    })
  } catch (error) {
    if (error instanceof NotSoldError) return error.because
    if (error instanceof TooManyCheckoutsError) return 'too-many'
    throw error
  }
}

/** Nothing is stored of a scan that nothing is sold to. */
class NotSoldError extends Error {
  readonly because: ScanDecline

  constructor(because: ScanDecline) {
    super(because)
    this.because = because
  }
}

async function storeOrder({ payments, facts, limits, protocol }: StartScanContext, tx: Tx, scan: Scan): Promise<Payment> {
  const now = payments.store.clock.now()
  const product = await findProduct(tx, scan.productId)
  if (!product?.active) throw new NotSoldError(await whyNot(tx, product))
  const clientAddress = `openid ${scan.openId}` // scans come from WeChat's address: the limits count by payer
  await refuseTooMany(tx, clientAddress, limits, now)
  const order = await insertOrder(tx, {
    token: newToken(),
    orderNo: newOrderNo(now),
    amountFen: product.priceFen,
    description: product.name,
    clientAddress,
    createdAt: now,
  })
  const payment = await newAttempt(payments, tx, {
    order,
    means: { tradeType: 'native', productId: product.productId },
    facts,
    now,
    protocol,
  })
  await tieKey(tx, requestOf(scan), { orderId: order.id, paymentId: payment.id })
  const data = { productId: product.productId }
  await insertEvents(tx, order.id, [{ type: 'order.opened', source: 'shopper', paymentId: payment.id, data }], now)
  return payment
}

async function whyNot(tx: Tx, product: Product | undefined): Promise<ScanDecline> {
  if (!(await anyProductIsActive(tx))) return 'shop-closed'
  return product ? 'inactive-product' : 'unknown-product'
}

/** How often somebody looks who waits for an equal scan's create, or for a repeat of one that got no answer. */
const lookEveryMs = 50

/** Creates the payment at WeChat. @returns it as it is when that has an end, or when the patience has */
async function prepareUntil(payments: PaymentContext, stored: Payment, giveUpAt: number): Promise<Payment> {
  const ending = new AbortController()
  const patience = delay(Math.max(0, giveUpAt - performance.now()), 'late' as const, { signal: ending.signal }).catch(() => 'late' as const)
  const created = prepareAtWechat(payments, stored)
  created.catch(() => undefined) // when it comes too late to be told
  try {
    let late = (await Promise.race([created, patience])) === 'late'
    for (;;) {
      const payment = (await findPayment(payments.store.db, stored.outTradeNo)) ?? stored
      if (late || payment.status !== 'preparing') return payment
      late = (await Promise.race([delay(lookEveryMs), patience])) === 'late'
    }
  } finally {
    ending.abort()
  }
}

/**
 * Nobody has been given a way to pay this order, and nobody comes back to it: what may be open of it at WeChat is closed by the book.
 *
 * @returns the prepay id that has come since the last look: an equal scan may have been answered with it, so it is not taken away
 */
async function abandon({ store }: PaymentContext, outTradeNo: string): Promise<string | null> {
  const now = store.clock.now()
  const changed = await changeOrder(store, { outTradeNo }, (checkout): OrderChange<string | null> => {
    const payment = findPaymentOf(checkout, outTradeNo)
    const prepayId = prepayIdOf(payment)
    if (prepayId !== null) return { result: prepayId }
    const closing = applyPaymentEvent(payment, { type: 'closing', reason: 'cancelled' })
    if (closing !== payment) {
      return {
        payments: [closing],
        turns: [{ outTradeNo, duty: 'close', at: now }],
        events: [{ type: 'payment.closing', source: 'api', paymentId: payment.id, data: { reason: 'cancelled' } }],
        result: null,
      }
    }
    if (whyNotPayable(checkout) || openPayment(checkout.payments)) return { result: null }
    const closed = closeOrder(checkout.order, 'cancelled', now)
    return {
      order: closed,
      endsAt: null,
      events: [{ type: 'order.closed', source: 'api', data: { reason: 'cancelled' } }],
      result: null,
    }
  })
  return changed?.result ?? null
}
