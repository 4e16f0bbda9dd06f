import { createCipheriv, createHash } from 'node:crypto'
import type { Trade } from '../ledger/trade.ts'
import type { Merchant } from '../merchants.ts'
import { formatBeijing } from '../support/beijing.ts'
import { base62, digits, randomText } from '../support/random.ts'
import { writeXml, type Fields } from '../v2/xml.ts'

/**
 * The notice of a refund in v2's form: not signed; `req_info` is AES-256-ECB under the MD5 of the v2 key.
 * WeChat sends it for refunds that were begun in its merchant platform, also to an address of v3.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_16&index=11
 */
export function refundXml(trade: Trade, merchant: Merchant): string {
  const { payment } = trade
  if (!payment) throw new Error('only paid trades are refunded')
  const day = formatBeijing(payment.realPaidAt).slice(0, 8)
  const refund: Fields = new Map([
    ['out_refund_no', `R${trade.outTradeNo}`],
    ['out_trade_no', trade.outTradeNo],
    ['refund_account', 'REFUND_SOURCE_RECHARGE_FUNDS'],
    ['refund_fee', String(trade.totalFen)],
    ['refund_id', `503${randomText(digits, 7)}${day}${randomText(digits, 11)}`],
    ['refund_recv_accout', '支付用户零钱'],
    ['refund_request_source', 'VENDOR_PLATFORM'],
    ['refund_status', 'SUCCESS'],
    ['settlement_refund_fee', String(trade.totalFen)],
    ['settlement_total_fee', String(trade.totalFen)],
    ['success_time', day.replace(/^(....)(..)(..)$/, '$1-$2-$3 12:00:00')],
    ['total_fee', String(trade.totalFen)],
    ['transaction_id', payment.transactionId],
  ])
  const outer: Fields = new Map([
    ['return_code', 'SUCCESS'],
    ['appid', trade.appid],
    ['mch_id', trade.mchid],
    ['nonce_str', randomText(base62, 32)],
    ['req_info', encrypt(asRoot(refund), merchant.apiKeyV2)],
  ])
  return writeXml(outer, () => false)
}

/** The inner document's element is called root, not xml. */
const asRoot = (fields: Fields) =>
  writeXml(fields, () => false)
    .replace(/^<xml>/, '<root>')
    .replace(/<\/xml>$/, '</root>')

function encrypt(text: string, apiKeyV2: string): string {
  const cipher = createCipheriv('aes-256-ecb', createHash('md5').update(apiKeyV2).digest('hex'), null)
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
}
