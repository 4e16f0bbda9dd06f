import { payerOf } from '../../domain/means.ts'
import type { Payment } from '../../domain/payment.ts'

/** What WeChat is asked for: a trade is found under the appid that created it, which a payer's payment chose. */
export function tradeOf({ outTradeNo, means }: Pick<Payment, 'outTradeNo' | 'means'>): { outTradeNo: string; appId?: string } {
  const payer = payerOf(means)
  return { outTradeNo, ...(payer && { appId: payer.appId }) }
}
