import { rateText, type FeeRate } from './fees.ts'
import { billTime, customText, feeYuan, yuan, type Dialect } from './text.ts'
import type { RefundPart, TradeRow } from './tradeRow.ts'

export const tradeBillTypes = ['ALL', 'SUCCESS', 'REFUND'] as const
export type TradeBillType = (typeof tradeBillTypes)[number]

/** What a cell depends on beside its row. */
export interface Writing {
  rate: FeeRate
  dialect: Dialect
}

export type Column<Row> = readonly [name: string, cell: (row: Row, writing: Writing) => string]

const ofRefund =
  (none: string, cell: (refund: RefundPart) => string) =>
  ({ refund }: TradeRow): string =>
    refund === null ? none : cell(refund)

const trade: readonly Column<TradeRow>[] = [
  ['交易时间', ({ at }) => billTime(at)],
  ['公众账号ID', ({ appid }) => appid],
  ['商户号', ({ mchid }) => mchid],
  ['特约商户号', () => '0'],
  ['设备号', ({ deviceInfo }, { dialect }) => customText(deviceInfo, dialect)],
  ['微信订单号', ({ transactionId }) => transactionId],
  ['商户订单号', ({ outTradeNo }) => outTradeNo],
  ['用户标识', ({ openid }) => openid],
  ['交易类型', ({ tradeType }) => tradeType],
  ['交易状态', ({ refund }) => (refund === null ? 'SUCCESS' : 'REFUND')],
  ['付款银行', ({ bankType }) => bankType],
  ['货币种类', () => 'CNY'],
  ['应结订单金额', ({ settledFen }) => yuan(settledFen)],
  ['代金券金额', ({ couponFen }) => yuan(couponFen)],
]
const refundTimes: readonly Column<TradeRow>[] = [
  ['退款申请时间', ({ at }) => billTime(at)],
  ['退款成功时间', ofRefund('', ({ succeededAt }) => (succeededAt === null ? '' : billTime(succeededAt)))],
]
const refund: readonly Column<TradeRow>[] = [
  ['微信退款单号', ofRefund('0', ({ refundId }) => refundId)],
  ['商户退款单号', ofRefund('0', ({ outRefundNo }) => outRefundNo)],
  ['退款金额', ofRefund('0.00', ({ refundFen }) => yuan(refundFen))],
  ['充值券退款金额', ofRefund('0.00', ({ couponFen }) => yuan(couponFen))],
  ['退款类型', ofRefund('', ({ channel }) => channel)],
  ['退款状态', ofRefund('', ({ status }) => status)],
]
const goods: readonly Column<TradeRow>[] = [
  ['商品名称', ({ description }, { dialect }) => customText(description, dialect)],
  ['商户数据包', ({ attach }, { dialect }) => customText(attach, dialect)],
  ['手续费', ({ feeFen }) => feeYuan(feeFen)],
  ['费率', (_, { rate }) => rateText(rate)],
  ['订单金额', ({ totalFen }) => yuan(totalFen)],
]
const asked: Column<TradeRow> = ['申请退款金额', ofRefund('0.00', ({ refundFen }) => yuan(refundFen))]
const rateRemark: Column<TradeRow> = ['费率备注', () => '']

/**
 * Names and order of the columns: 27, 20 and 29 of them.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791907
 */
export const tradeColumns: Record<TradeBillType, readonly Column<TradeRow>[]> = {
  ALL: [...trade, ...refund, ...goods, asked, rateRemark],
  SUCCESS: [...trade, ...goods, rateRemark],
  REFUND: [...trade, ...refundTimes, ...refund, ...goods, asked, rateRemark],
}

/** Which rows a bill of a type has. */
export const belongs = (row: TradeRow, type: TradeBillType): boolean => type === 'ALL' || (type === 'REFUND') === (row.refund !== null)
