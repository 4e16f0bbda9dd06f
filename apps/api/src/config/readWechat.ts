import type { Protocol } from 'wxpay-core/protocol'
import { oneOf, origin, pattern } from '../support/settingRules.ts'
import type { SettingsReader } from '../support/settingsReader.ts'
import { isV3Begun, readV3, type V3Config } from './readV3.ts'

export interface WechatConfig {
  /** What new payments are made with. The others' keys serve the payments that were made with them. */
  readonly protocol: Protocol
  readonly apiUrl: string
  /** null: none. Another host than WeChat's has WeChat's backup only when told so. */
  readonly apiBackupUrl: string | null
  readonly appId: string
  readonly mchId: string
  /** null: no key is set, and not needed. */
  readonly v2: V2Config | null
  readonly v3: V3Config | null
}

export interface V2Config {
  readonly key: string
  readonly signType: 'MD5' | 'HMAC-SHA256'
}

/** The settings without which a protocol cannot be spoken, for people to read. */
export const keySettings: Readonly<Record<Protocol, string>> = {
  v2: 'WXPAY_V2_KEY',
  v3: 'WXPAY_V3_KEY, WXPAY_MERCHANT_PRIVATE_KEY and WXPAY_MERCHANT_SERIAL (or WXPAY_MERCHANT_CERTIFICATE)',
}

/** WeChat's own, and the one it names for when the first cannot be reached. */
const wechatHost = 'https://api.mch.weixin.qq.com'
const wechatBackupHost = 'https://api2.mch.weixin.qq.com'

export function readWechat(read: SettingsReader): WechatConfig {
  const apiUrl = read.optional('WXPAY_API_URL', origin, wechatHost)
  // Some of the newer keys and not all: that is what was meant, and the missing ones are named.
  const protocol = read.optional('WXPAY_PROTOCOL', oneOf('v3', 'v2'), isV3Begun(read) ? 'v3' : 'v2')
  return {
    protocol,
    apiUrl,
    apiBackupUrl: read.optional('WXPAY_API_BACKUP_URL', origin, apiUrl === wechatHost ? wechatBackupHost : null),
    appId: read.required('WXPAY_APP_ID', pattern(/^[A-Za-z0-9]{1,32}$/, 'must be the appid, e.g. wx and 16 letters and digits'), ''),
    mchId: read.required('WXPAY_MCH_ID', pattern(/^\d{1,32}$/, 'must be the merchant number, digits only'), ''),
    v2: readV2(read, protocol === 'v2'),
    v3: protocol === 'v3' || isV3Begun(read) ? readV3(read) : null,
  }
}

function readV2(read: SettingsReader, isNeeded: boolean): V2Config | null {
  const must = 'must be the API v2 key, exactly 32 ASCII characters'
  const instead = read.isSet('WXPAY_PROTOCOL') ? '' : `; or set the keys of APIv3: ${keySettings.v3}`
  const rule = pattern(/^[\x21-\x7e]{32}$/, read.isSet('WXPAY_V2_KEY') ? must : must + instead)
  const signType = read.optional('WXPAY_V2_SIGN_TYPE', oneOf('HMAC-SHA256', 'MD5'), 'HMAC-SHA256')
  if (!isNeeded && !read.isSet('WXPAY_V2_KEY')) return null
  return { key: read.requiredSecret('WXPAY_V2_KEY', rule), signType }
}
