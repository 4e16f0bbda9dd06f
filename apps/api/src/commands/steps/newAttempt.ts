import type { PrepayRequest, Protocol } from 'wxpay-core/protocol'
import { assertNever } from '../../domain/assertNever.ts'
import type { Means } from '../../domain/means.ts'
import type { Order } from '../../domain/order.ts'
import type { Payment } from '../../domain/payment.ts'
import type { Tx } from '../../storage/database.ts'
import { insertPayment } from '../../storage/payments.ts'
import { newOutTradeNo } from '../../support/ids.ts'
import type { PaymentContext } from '../context.ts'

/** What WeChat is told about us with every create. */
export interface CallerFacts {
  notifyUrl: (protocol: Protocol) => string
  /** For native, the machine that calls; WeChat wants one, and does not check it. */
  serverAddress: string
}

/** A turn repeats a create whose caller has died or got no answer; the caller itself needs at most 8 s. */
const repeatPrepareAfterMs = 12_000

export interface NewAttempt {
  order: Order
  means: Means
  facts: CallerFacts
  now: Date
  /** The current one when left out. */
  protocol?: Protocol
}

/** Stores a new attempt with its number and its exact request, before WeChat hears of it (rule R2). */
export async function newAttempt(
  context: PaymentContext,
  tx: Tx,
  { order, means, facts, now, protocol = context.wechat.current.protocol }: NewAttempt,
): Promise<Payment> {
  const request: PrepayRequest = {
    outTradeNo: newOutTradeNo(now),
    description: order.description,
    totalFen: order.amountFen,
    expiresAt: wholeSecond(now.getTime() + context.life.tradeMs),
    notifyUrl: facts.notifyUrl(protocol),
    ...meansForWechat(means, facts),
  }
  return insertPayment(tx, {
    orderId: order.id,
    protocol,
    mchId: context.mchId,
    request,
    createdAt: now,
    nextPrepareAt: new Date(now.getTime() + repeatPrepareAfterMs),
  })
}

/** jsapi and h5 name the payer's own address: for h5 WeChat compares it with the phone's. */
function meansForWechat(means: Means, { serverAddress }: CallerFacts) {
  switch (means.tradeType) {
    case 'native':
      return { ...means, clientIp: serverAddress }
    case 'jsapi':
      return { tradeType: means.tradeType, appId: means.payer.appId, openId: means.payer.openId, clientIp: means.address }
    case 'h5':
      return { tradeType: means.tradeType, device: means.device, clientIp: means.address }
    default:
      return assertNever(means)
  }
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000)
}
