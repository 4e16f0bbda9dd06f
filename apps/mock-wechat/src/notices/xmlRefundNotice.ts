import { createHash } from 'node:crypto'
import type { Struck } from '../faults/faults.ts'
import { tamperReqInfo } from '../faults/tamperReqInfo.ts'
import type { Trade } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import { formatDashed } from '../support/beijing.ts'
import { accountWords, statusWords } from '../v2/refundWords.ts'
import type { Fields } from '../v2/xml.ts'
import type { NoticeContext, Outgoing } from './message.ts'
import { acknowledgedBy, xmlHeaders } from './xmlNotice.ts'

/**
 * The result of a refund in v2's form: an envelope without a signature around `req_info`. Every repeat has the same bytes, unless a fault strikes.
 * Sent to the address of a v2 call and to the one of the console; refunds of the merchant platform come so to v3 addresses too.
 * A shop of v3 answers in its own way: there 200 and 204 count, whatever the body (our choice: not documented).
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_16&index=11
 */
export function xmlRefundNotice({ notice, trade, merchant }: NoticeContext, struck: readonly Struck[]): Outgoing {
  const { refund } = notice
  if (!refund) throw new Error('this is no notice of a refund')
  const envelope: Fields = new Map([
    ['return_code', 'SUCCESS'],
    ['appid', trade.appid],
    ['mch_id', trade.mchid],
    ['nonce_str', createHash('md5').update(notice.id).digest('hex')],
  ])
  const body = tamperReqInfo({ envelope, refund: refundFields(refund, trade), key: merchant.apiKeyV2 }, struck)
  const v3Shop = trade.protocol === 'v3' && refund.origin !== 'v2'
  return { write: () => ({ headers: xmlHeaders, body }), acknowledgedBy: v3Shop ? byStatus : acknowledgedBy }
}

const byStatus: Outgoing['acknowledgedBy'] = ({ status }) => status === 200 || status === 204

/** In the order of published ones; `refund_recv_accout` is WeChat's spelling. */
function refundFields(refund: Refund, trade: Trade): Fields {
  const { refundFen, couponFen, status, realFinishedAt } = refund
  return new Map([
    ['cash_refund_fee', String(refundFen - couponFen)],
    ['out_refund_no', refund.outRefundNo],
    ['out_trade_no', refund.outTradeNo],
    ['refund_account', accountWords[refund.fundsAccount]],
    ['refund_fee', String(refundFen)],
    ['refund_id', refund.refundId],
    ['refund_recv_accout', refund.receivedAccount],
    ['refund_request_source', refund.origin === 'portal' ? 'VENDOR_PLATFORM' : 'API'],
    ['refund_status', statusWords[status]],
    ['settlement_refund_fee', String(refundFen)],
    ['settlement_total_fee', String(trade.totalFen)],
    ...(status === 'SUCCESS' && realFinishedAt !== null ? [['success_time', formatDashed(realFinishedAt)] as const] : []),
    ['total_fee', String(trade.totalFen)],
    ['transaction_id', refund.transactionId],
  ])
}
