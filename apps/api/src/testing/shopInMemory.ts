import { randomBytes } from 'node:crypto'
import { toFen } from 'wxpay-core/money'
import type { Answered, Commands } from '../commands/commands.ts'
import { CheckoutNotFoundError } from '../domain/errors.ts'
import type { Checkout, Order } from '../domain/order.ts'
import { PaymentNotFoundError } from '../domain/refundErrors.ts'
import type { Payment } from '../domain/payment.ts'
import { presentCheckout } from '../presenters/presentCheckout.ts'
import { usualProtocol } from './protocols.ts'

export const now = new Date('2026-03-01T04:00:00Z')

export function anOrder(changes: Partial<Order> = {}): Order {
  return {
    id: '1',
    token: randomBytes(16).toString('base64url'),
    orderNo: 'O20260301000001',
    amountFen: toFen(1250),
    description: '一本书',
    status: 'unpaid',
    closedReason: null,
    version: 1,
    createdAt: now,
    paidAt: null,
    recordedAt: null,
    closedAt: null,
    ...changes,
  }
}

export function aPayment(changes: Partial<Payment> = {}): Payment {
  return {
    id: '11',
    orderId: '1',
    outTradeNo: 'P20260301000001',
    protocol: usualProtocol,
    tradeType: 'native',
    means: { tradeType: 'native' },
    totalFen: toFen(1250),
    status: 'pending',
    anomalies: [],
    action: { tradeType: 'native', codeUrl: 'weixin://wxpay/bizpayurl?pr=abc' },
    prepayId: null,
    createdAt: now,
    codeExpiresAt: new Date(now.getTime() + 300_000),
    expiresAt: new Date(now.getTime() + 900_000),
    closeReason: null,
    closedAt: null,
    refusal: null,
    confirmingSince: null,
    transactionId: null,
    payerFen: null,
    openId: null,
    paidAt: null,
    recordedAt: null,
    reservedRefundFen: toFen(0),
    ...changes,
  }
}

/** Orders in memory behind the interface of the commands, so that a test sees only HTTP. Whatever is asked is written down. */
export function createShopInMemory() {
  const checkouts = new Map<string, Checkout>()

  function add(order: Partial<Order> = {}, payments: Payment[] = [aPayment()]): Checkout {
    const checkout = { order: anOrder(order), payments }
    checkouts.set(checkout.order.token, checkout)
    return checkout
  }

  function find(token: string): Checkout {
    const checkout = checkouts.get(token)
    if (!checkout) throw new CheckoutNotFoundError('no such checkout')
    return checkout
  }

  function answered(checkout: Checkout): Answered {
    return { answer: { status: 201, errorCode: null, view: presentCheckout(checkout, now) }, replayed: false }
  }

  const commands: Commands = {
    openCheckout: async ({ amountFen, description }) => answered(add({ amountFen, description })),
    startPayment: async ({ token }) => answered(find(token)),
    extendPayment: async ({ token }) => find(token),
    cancelOrder: async ({ token }) => ({ checkout: find(token), outcome: 'closed' }),
    recordNotice: async () => 'applied',
    requestRefund: async () => {
      throw new PaymentNotFoundError('no such payment')
    },
    findCheckout: async (token) => find(token),
  }

  return {
    add,
    find,
    commands,
    /** Stores the order as changed and one version on. Nobody is told: that is the listener's work. */
    change(token: string, changes: Partial<Order>): void {
      const { order, payments } = find(token)
      checkouts.set(token, { order: { ...order, version: order.version + 1, ...changes }, payments })
    },
  }
}
