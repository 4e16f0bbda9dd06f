import type { Fen } from 'wxpay-core/money'

/** What a printed code stands for. A scan pays the price of its moment. */
export interface Product {
  readonly productId: string
  /** What the payer reads. */
  readonly name: string
  readonly priceFen: Fen
  /** Otherwise its code is declined, and good again later. */
  readonly active: boolean
}
