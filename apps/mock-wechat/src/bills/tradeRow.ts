/** One line of a trade bill: a payment, or a refund that was accepted. Amounts in fen; times in milliseconds, as WeChat's messages told them. */
export interface TradeRow {
  /** Of the payment, or of the refund's acceptance. */
  at: number
  mchid: string
  appid: string
  deviceInfo: string
  transactionId: string
  outTradeNo: string
  openid: string
  tradeType: string
  bankType: string
  /** 订单金额, the price: 0 on lines of refunds. */
  totalFen: number
  /** 应结订单金额, the price without coupons that cost nobody anything: 0 on lines of refunds. */
  settledFen: number
  couponFen: number
  /** Below zero: given back. */
  feeFen: number
  description: string
  attach: string
  refund: RefundPart | null
}

export interface RefundPart {
  refundId: string
  outRefundNo: string
  refundFen: number
  /** Of it, what went back into a recharged coupon. */
  couponFen: number
  channel: string
  /** The bill's words, which are not those of the interfaces. */
  status: 'SUCCESS' | 'PROCESSING' | 'FAIL' | 'CHANGE'
  succeededAt: number | null
}
