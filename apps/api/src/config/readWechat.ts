import { readCaCertificate, type Protocol } from 'wxpay-core/protocol'
import { oneOf, origin, pattern } from '../support/settingRules.ts'
import type { SettingsReader } from '../support/settingsReader.ts'
import { readCertificate, type CertificateConfig } from './readCertificate.ts'
import { isV3Begun, pem, readV3, type V3Config } from './readV3.ts'

export interface WechatConfig {
  /** What new payments are made with. The others' keys serve the payments that were made with them. */
  readonly protocol: Protocol
  readonly apiUrl: string
  /** null: none. Another host than WeChat's has WeChat's backup only when told so. */
  readonly apiBackupUrl: string | null
  /** Where v2's calls with the certificate go; null: to apiUrl and its backup. */
  readonly certApiUrl: string | null
  /** PEM of a CA that is trusted beside the usual ones. */
  readonly apiCa: string | null
  readonly appId: string
  readonly mchId: string
  /** null: no key is set, and not needed. */
  readonly v2: V2Config | null
  readonly v3: V3Config | null
  /** v2's client certificate; null: no refunds over v2, and no fund-flow bills. */
  readonly certificate: CertificateConfig | null
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
  const mchId = read.required('WXPAY_MCH_ID', pattern(/^\d{1,32}$/, 'must be the merchant number, digits only'), '')
  const v3 = protocol === 'v3' || isV3Begun(read) ? readV3(read) : null
  return {
    protocol,
    apiUrl,
    apiBackupUrl: read.optional('WXPAY_API_BACKUP_URL', origin, apiUrl === wechatHost ? wechatBackupHost : null),
    certApiUrl: read.optional('WXPAY_CERT_API_URL', origin, null),
    apiCa: read.optionalSecret('WXPAY_API_CA', pem('the PEM text of a CA’s certificate', readCaCertificate)),
    appId: read.required('WXPAY_APP_ID', pattern(/^[A-Za-z0-9]{1,32}$/, 'must be the appid, e.g. wx and 16 letters and digits'), ''),
    mchId,
    v2: readV2(read, protocol === 'v2'),
    v3,
    certificate: readCertificate(read, mchId, v3),
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
