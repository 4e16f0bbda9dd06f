import type { Struck } from '../faults/faults.ts'
import { sealWithFaults } from '../faults/tamperXml.ts'
import { paidFields } from '../v2/paidFields.ts'
import { readXml } from '../v2/xml.ts'
import type { Answer, NoticeContext, Outgoing } from './message.ts'

/** Published notices write these without CDATA, and cash_fee with it. */
const bareInNotices = (name: string): boolean => ['total_fee', 'coupon_fee'].includes(name)

export const xmlHeaders = { 'content-type': 'text/xml; charset=utf-8', 'user-agent': 'mock-wechat' }

/**
 * The notice of a paid trade of protocol v2: every repeat has the same bytes, unless a fault strikes.
 * Signed with the algorithm of the create, without a sign_type element (switch), and with the merchant's own nonce_str, as published logs show it.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_7
 */
export function xmlNotice(
  { trade, merchant, switches }: Pick<NoticeContext, 'trade' | 'merchant' | 'switches'>,
  struck: readonly Struck[],
): Outgoing {
  const { payment, signType, nonce } = trade
  if (!payment || signType === null || nonce === null) throw new Error('only paid trades of v2 are announced in XML')
  const fields = new Map([
    ['appid', trade.appid],
    ['mch_id', trade.mchid],
    ...(trade.deviceInfo === null ? [] : [['device_info', trade.deviceInfo] satisfies [string, string]]),
    ['nonce_str', nonce],
    ...(switches.noticeSignType === 'present' ? [['sign_type', signType] satisfies [string, string]] : []),
    ['return_code', 'SUCCESS'],
    ['result_code', 'SUCCESS'],
    ...paidFields(trade, payment),
  ])
  const byName = new Map([...fields].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const body = sealWithFaults({ fields: byName, key: merchant.apiKeyV2, signType, bare: bareInNotices }, struck)
  return { write: () => ({ headers: xmlHeaders, body }), acknowledgedBy }
}

/** Plain text, JSON, HTML, a byte order mark or characters around the tags count as failure, as WeChat's page lists them. */
export function acknowledgedBy({ status, text, whole }: Answer): boolean {
  if (status !== 200 || !whole) return false
  try {
    return readXml(text).get('return_code') === 'SUCCESS'
  } catch {
    return false
  }
}
