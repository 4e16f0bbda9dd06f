import type { Merchant } from '../merchants.ts'
import type { BillDay } from './day.ts'
import { feeOf, type FeeRate } from './fees.ts'
import type { TradeRow } from './tradeRow.ts'

/** A bill made of nothing but these. The scheme stands in README.md: a test makes its own side from it. */
export interface SyntheticOrder {
  rows: number
  seed: number
}

/** Beyond this a typing error is likelier than a wish. */
export const mostSyntheticRows = 5_000_000

const digits = (value: number, length: number) => String(value).padStart(length, '0')

/** Row 0 is the first of the day; each row depends on its index, the day and the seed only. */
export function* syntheticRows(
  { rows, seed }: SyntheticOrder,
  { merchant, day, rate }: { merchant: Merchant; day: BillDay; rate: FeeRate },
): Generator<TradeRow> {
  const date = day.date.replaceAll('-', '')
  const appid = merchant.appids[0] ?? ''
  for (let index = 0; index < rows; index += 1) {
    const totalFen = 1 + ((index * 7919 + seed) % 100_000)
    yield {
      at: day.startAt + Math.floor((index * 86_400) / rows) * 1000,
      mchid: merchant.mchid,
      appid,
      deviceInfo: '',
      transactionId: `4200099999${date}${digits(index, 10)}`,
      outTradeNo: `S${date}${digits(index, 10)}`,
      openid: `oSynthetic${digits(index % 1000, 18)}`,
      tradeType: 'NATIVE',
      bankType: 'OTHERS',
      totalFen,
      settledFen: totalFen,
      couponFen: 0,
      feeFen: feeOf(totalFen, rate),
      description: `商品 ${index % 100}`,
      attach: '',
      refund: null,
    }
  }
}
