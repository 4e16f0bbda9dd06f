import { cashFen, type Trade, type TradePayment } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import { formatDashed } from '../support/beijing.ts'
import type { Backend } from './backend.ts'
import { badValue, checkFields, requireOrderNumber } from './fields.ts'
import type { Call } from './gate.ts'
import { Failed } from './refusal.ts'
import { refundqueryRules } from './refundRules.ts'
import { accountWords, statusWords } from './refundWords.ts'
import type { Fields } from './xml.ts'

/** More than so many refunds of an order are asked for page by page. */
const pageSize = 10

/** What became of one refund, or of ten of an order from `offset` on. @throws {Refused | Failed} */
export function refundquery(call: Call, { ledger }: Backend): Fields {
  checkFields(call.fields, refundqueryRules)
  const found = find(call, ledger)
  const [first] = found
  const trade = first && ledger.find(first.mchid, first.outTradeNo)
  if (!trade?.payment) throw new Failed('REFUNDNOTEXIST', 'not exist')
  const offset = Number(call.fields.get('offset') || 0)
  if (offset >= found.length) throw badValue('offset', `offset is beyond the ${found.length} refunds that there are`)
  return answer(trade, trade.payment, { shown: found.slice(offset, offset + pageSize), count: found.length })
}

/** refund_id wins over out_refund_no, that over transaction_id, that over out_trade_no. */
function find({ fields, merchant: { mchid } }: Call, ledger: Backend['ledger']): Refund[] {
  const [refundId, outRefundNo, transactionId] = ['refund_id', 'out_refund_no', 'transaction_id'].map(
    (name) => fields.get(name) || undefined,
  )
  if (refundId !== undefined || outRefundNo !== undefined) {
    const refund = refundId === undefined ? ledger.refunds.find(mchid, outRefundNo ?? '') : ledger.refunds.byId(refundId)
    return refund?.mchid === mchid ? [refund] : []
  }
  if (transactionId === undefined) return ledger.refunds.of({ mchid, outTradeNo: requireOrderNumber(fields) })
  const trade = ledger.byTransaction(transactionId)
  return trade?.mchid === mchid ? ledger.refunds.of(trade) : []
}

function answer(trade: Trade, payment: TradePayment, { shown, count }: { shown: readonly Refund[]; count: number }): Fields {
  return new Map([
    ['transaction_id', payment.transactionId],
    ['out_trade_no', trade.outTradeNo],
    ['total_fee', String(trade.totalFen)],
    ['cash_fee', String(cashFen(trade, payment))],
    ['total_refund_count', String(count)],
    ['refund_count', String(shown.length)],
    ['refund_fee', String(shown.reduce((sum, { refundFen }) => sum + refundFen, 0))],
    ...shown.flatMap((refund, index) => record(refund, index, payment)),
  ])
}

/** `refund_recv_accout` is WeChat's spelling. */
function record(refund: Refund, n: number, { couponId }: TradePayment): [string, string][] {
  const { couponFen, realFinishedAt, status } = refund
  return [
    [`out_refund_no_${n}`, refund.outRefundNo],
    [`refund_id_${n}`, refund.refundId],
    [`refund_channel_${n}`, refund.channel],
    [`refund_fee_${n}`, String(refund.refundFen)],
    ...(couponId === null || couponFen === 0 ? [] : coupon(n, couponId, couponFen)),
    [`refund_status_${n}`, statusWords[status]],
    [`refund_account_${n}`, accountWords[refund.fundsAccount]],
    [`refund_recv_accout_${n}`, refund.receivedAccount],
    ...(status === 'SUCCESS' && realFinishedAt !== null
      ? [[`refund_success_time_${n}`, formatDashed(realFinishedAt)] satisfies [string, string]]
      : []),
  ]
}

const coupon = (n: number, couponId: string, couponFen: number): [string, string][] => [
  [`coupon_refund_fee_${n}`, String(couponFen)],
  [`coupon_refund_count_${n}`, '1'],
  [`coupon_type_${n}_0`, 'CASH'],
  [`coupon_refund_id_${n}_0`, couponId],
  [`coupon_refund_fee_${n}_0`, String(couponFen)],
]
