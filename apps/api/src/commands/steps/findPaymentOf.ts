import type { Checkout } from '../../domain/order.ts'
import type { Payment } from '../../domain/payment.ts'

/** The payment of a locked order that carries a number; it was there when the order was looked up by it. */
export function findPaymentOf({ payments }: Checkout, outTradeNo: string): Payment {
  const payment = payments.find((one) => one.outTradeNo === outTradeNo)
  if (!payment) throw new Error(`payment ${outTradeNo} is not one of its order`)
  return payment
}
