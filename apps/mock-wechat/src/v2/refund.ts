import { cashFen, type Trade, type TradePayment } from '../ledger/trade.ts'
import { RefundProblem } from '../refunds/problem.ts'
import type { Refund } from '../refunds/refund.ts'
import type { Backend } from './backend.ts'
import { checkFields, checkNotifyUrl, readFen, requireOrderNumber } from './fields.ts'
import type { Call } from './gate.ts'
import { Failed } from './refusal.ts'
import { failureOf } from './refundFailures.ts'
import { refundRules } from './refundRules.ts'
import type { Fields } from './xml.ts'

/** Takes a refund; the answer says that it was taken, not that the money is there. @throws {Refused | Failed} */
export function refund(call: Call, backend: Backend): Fields {
  try {
    return backend.desk.rates.watch(call.merchant.mchid, () => take(call, backend))
  } catch (cause) {
    throw cause instanceof RefundProblem ? failureOf(cause, backend.switches) : cause
  }
}

function take(call: Call, backend: Backend): Fields {
  const { fields } = call
  checkFields(fields, refundRules)
  const [totalFen, refundFen] = [readFen(fields), readFen(fields, 'refund_fee')]
  const trade = find(call, backend)
  const { payment } = trade ?? {}
  if (!trade || !payment) throw new Failed('ORDERNOTEXIST', '订单不存在')
  const taken = backend.desk.take({
    trade,
    payment,
    origin: 'v2',
    outRefundNo: fields.get('out_refund_no') ?? '',
    totalFen,
    refundFen,
    reason: fields.get('refund_desc') || null,
    notifyUrl: fields.get('notify_url') ? checkNotifyUrl(fields, backend.switches.notifyHttp) : null,
    fundsAccount: fields.get('refund_account') === 'REFUND_SOURCE_RECHARGE_FUNDS' ? 'AVAILABLE' : 'UNSETTLED',
  })
  return answer(trade, payment, taken)
}

/** WeChat's number wins. Any appid of the merchant may ask: it is the merchant's order. */
function find({ fields, merchant }: Call, { ledger }: Backend): Trade | undefined {
  const transactionId = fields.get('transaction_id') ?? ''
  if (transactionId === '') return ledger.find(merchant.mchid, requireOrderNumber(fields))
  if (!/^\d+$/.test(transactionId))
    throw new Failed('INVALID_TRANSACTIONID', '无效transaction_id', { reason: 'transaction_id is no number' })
  const trade = ledger.byTransaction(transactionId)
  return trade?.mchid === merchant.mchid ? trade : undefined
}

/** Real answers carry an empty refund_channel and coupon totals of zero. */
function answer(
  trade: Trade,
  payment: TradePayment,
  { transactionId, outTradeNo, outRefundNo, refundId, refundFen, couponFen }: Refund,
): Fields {
  return new Map([
    ['transaction_id', transactionId],
    ['out_trade_no', outTradeNo],
    ['out_refund_no', outRefundNo],
    ['refund_id', refundId],
    ['refund_channel', ''],
    ['refund_fee', String(refundFen)],
    ['coupon_refund_fee', String(couponFen)],
    ['total_fee', String(trade.totalFen)],
    ['cash_fee', String(cashFen(trade, payment))],
    ['coupon_refund_count', couponFen > 0 ? '1' : '0'],
    ['cash_refund_fee', String(refundFen - couponFen)],
    ...coupon(payment, couponFen),
  ])
}

const coupon = ({ couponId }: TradePayment, couponFen: number): [string, string][] =>
  couponId === null || couponFen === 0
    ? []
    : [
        ['coupon_type_0', 'CASH'],
        ['coupon_refund_id_0', couponId],
        ['coupon_refund_fee_0', String(couponFen)],
      ]
