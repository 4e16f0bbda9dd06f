import type { Switches } from '../config.ts'
import type { Struck } from '../faults/faults.ts'
import { sealWithFaults } from '../faults/tamper.ts'
import type { Trade } from '../ledger/trade.ts'
import type { Merchant } from '../merchants.ts'
import { paidFields } from '../v2/paidFields.ts'

/** Published notices write these without CDATA, and cash_fee with it. */
const bareInNotices = (name: string): boolean => ['total_fee', 'coupon_fee'].includes(name)

/**
 * The notice of a paid trade: every repeat has the same bytes, unless a fault strikes.
 * Signed with the algorithm of the create, without a sign_type element (switch), and with the merchant's own nonce_str, as published logs show it.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_7
 */
export function noticeMessage(
  trade: Trade,
  merchant: Merchant,
  switches: Pick<Switches, 'noticeSignType'>,
  struck: readonly Struck[],
): string {
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
  return sealWithFaults({ fields: byName, key: merchant.apiKeyV2, signType, bare: bareInNotices }, struck)
}
