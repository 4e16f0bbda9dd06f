import { toFen, type Fen } from '../../money.ts'
import { FieldError } from '../fieldError.ts'
import type { RefundState, ReportedRefund } from '../port.ts'
import { fromSpacedBeijingTime } from './beijingTime.ts'
import { readFen, readText } from './map.ts'
import type { Fields } from './sign.ts'

/** WeChat's acceptance of a refund, which has no state of its own: the money is on its way. @throws {FieldError} */
export function readAcceptedRefund(fields: Fields): ReportedRefund {
  return {
    ...readNumbers(fields, ''),
    ...readPayment(fields),
    refundFen: readFen(fields, 'refund_fee'),
    state: 'processing',
    succeededAt: null,
    payerRefundFen: fields.get('cash_refund_fee') ? readFen(fields, 'cash_refund_fee') : null,
    receivedAccount: null,
  }
}

/** The largest number of refunds of one payment. @see https://pay.weixin.qq.com/doc/v2/partner/4011984092 */
const maxRefunds = 50

/**
 * The record about one refund, of an answer that may list several.
 *
 * @returns undefined when none is about it
 * @throws {FieldError} @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_5
 */
export function findRefund(fields: Fields, { outRefundNo, refundId }: { outRefundNo: string; refundId?: string }) {
  for (let index = 0; index < maxRefunds; index++) {
    const record = `_${index}`
    if (!fields.get(`out_refund_no${record}`)) return undefined
    const numbers = readNumbers(fields, record)
    if (numbers.outRefundNo !== outRefundNo || (refundId !== undefined && numbers.refundId !== refundId)) continue
    return { ...numbers, ...readPayment(fields), ...readProgress(fields, record) }
  }
  return undefined
}

function readNumbers(fields: Fields, record: string) {
  return { outRefundNo: readText(fields, `out_refund_no${record}`), refundId: readText(fields, `refund_id${record}`) }
}

function readPayment(fields: Fields) {
  return {
    outTradeNo: readText(fields, 'out_trade_no'),
    transactionId: readText(fields, 'transaction_id'),
    totalFen: readFen(fields, 'total_fee'),
  }
}

function readProgress(fields: Fields, record: string) {
  const state = readState(fields, `refund_status${record}`)
  return {
    refundFen: readFen(fields, `refund_fee${record}`),
    state,
    succeededAt: state === 'success' ? readTime(fields, `refund_success_time${record}`) : null,
    payerRefundFen: readPayerRefund(fields, record),
    receivedAccount: fields.get(`refund_recv_accout${record}`) || null, // WeChat's spelling
  }
}

/** A query tells what went back as coupons, as the payment told what was paid by them: the rest is the payer's. */
function readPayerRefund(fields: Fields, record: string): Fen | null {
  if (fields.get(`cash_refund_fee${record}`)) return readFen(fields, `cash_refund_fee${record}`)
  const coupons = `coupon_refund_fee${record}`
  if (!fields.get(coupons)) return null
  const rest = readFen(fields, `refund_fee${record}`) - readFen(fields, coupons)
  if (rest < 0) throw new FieldError(coupons, 'unreadable')
  return toFen(rest)
}

// FAIL stands in old pages only, without a word on whether it is final: it is taken for none of these.
const states = new Map<string, RefundState>([
  ['PROCESSING', 'processing'],
  ['SUCCESS', 'success'],
  ['REFUNDCLOSE', 'closed'],
  ['CHANGE', 'abnormal'],
])

function readState(fields: Fields, name: string): RefundState {
  const state = states.get(readText(fields, name))
  if (!state) throw new FieldError(name, 'unreadable')
  return state
}

function readTime(fields: Fields, name: string): Date | null {
  const text = fields.get(name)
  if (!text) return null
  const time = fromSpacedBeijingTime(text)
  if (!time) throw new FieldError(name, 'unreadable')
  return time
}
