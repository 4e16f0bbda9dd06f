import type { PrepayRequest } from 'wxpay-core/protocol'
import type { Order } from '../../domain/order.ts'
import type { Payment } from '../../domain/payment.ts'
import type { Tx } from '../../storage/database.ts'
import { turnJob } from '../../storage/paymentDuties.ts'
import { insertPayment } from '../../storage/payments.ts'
import type { JobRequest } from '../../storage/queues.ts'
import { newOutTradeNo } from '../../support/ids.ts'
import type { PaymentContext } from '../context.ts'

/** What WeChat is told about us with every create. */
export interface CallerFacts {
  notifyUrl: string
  /** Native: the address of the machine that calls; WeChat wants one, and does not check it. */
  serverAddress: string
}

/** A job repeats a create whose caller has died or got no answer; the caller itself needs at most 8 s. */
const repeatPrepareAfterMs = 12_000

/** Stores a new attempt with its number and its exact request, before WeChat hears of it (rule R2). @returns the job that repeats the create, too */
export async function newAttempt(
  context: PaymentContext,
  tx: Tx,
  { order, tradeType, facts, now }: { order: Order; tradeType: 'native'; facts: CallerFacts; now: Date },
): Promise<{ payment: Payment; jobs: JobRequest[] }> {
  const request: PrepayRequest = {
    outTradeNo: newOutTradeNo(now),
    tradeType,
    description: order.description,
    totalFen: order.amountFen,
    expiresAt: wholeSecond(now.getTime() + context.life.tradeMs),
    notifyUrl: facts.notifyUrl,
    clientIp: facts.serverAddress,
  }
  const repeatAt = new Date(now.getTime() + repeatPrepareAfterMs)
  const payment = await insertPayment(tx, {
    orderId: order.id,
    protocol: context.wechat.current.protocol,
    request,
    createdAt: now,
    nextPrepareAt: repeatAt,
  })
  return { payment, jobs: [turnJob('prepare', payment.outTradeNo, repeatAt)] }
}

function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000)
}
