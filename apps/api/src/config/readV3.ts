import { isSameKey, readMerchantCertificate, readMerchantPrivateKey, readWechatPublicKey } from 'wxpay-core/protocol'
import { pattern } from '../support/settingRules.ts'
import type { SettingRule, SettingsReader } from '../support/settingsReader.ts'

export interface V3Config {
  /** The APIv3 key. */
  readonly key: string
  /** PEM. */
  readonly merchantPrivateKey: string
  /** Of the merchant's API certificate: 40 hex digits, upper case. */
  readonly merchantSerial: string
  /** PEM; null when only its serial was given. */
  readonly merchantCertificate: string | null
  /** WeChat Pay's public key; null: platform certificates only, which WeChat lets us fetch. */
  readonly publicKey: { readonly id: string; readonly pem: string } | null
}

/** Not the private key and its certificate: v2 shows them at refunds. */
const names = ['WXPAY_V3_KEY', 'WXPAY_MERCHANT_SERIAL', 'WXPAY_PUBLIC_KEY_ID', 'WXPAY_PUBLIC_KEY']

export function isV3Begun(read: SettingsReader): boolean {
  return names.some((name) => read.isSet(name))
}

export function readV3(read: SettingsReader): V3Config {
  const before = read.problems.length
  const key = read.requiredSecret('WXPAY_V3_KEY', pattern(/^[\x21-\x7e]{32}$/, 'must be the APIv3 key, exactly 32 ASCII characters'))
  const merchantPrivateKey = read.requiredSecret(
    'WXPAY_MERCHANT_PRIVATE_KEY',
    pem('the PEM text of apiclient_key.pem', readMerchantPrivateKey),
  )
  const merchantCertificate = read.optionalSecret(
    'WXPAY_MERCHANT_CERTIFICATE',
    pem('the PEM text of apiclient_cert.pem', readMerchantCertificate),
  )
  const merchantSerial = readSerial(read, merchantCertificate)
  const publicKey = readPublicKey(read)
  const config = { key, merchantPrivateKey, merchantSerial, merchantCertificate, publicKey }
  if (read.problems.length === before) refuseMismatches(read, config)
  return config
}

/** A PEM text may also stand on one line, with \n where its lines end, as files of settings want it: no PEM has a backslash of its own. */
export function pem(what: string, reader: (pem: string) => unknown): SettingRule<string> {
  return {
    must: `must be ${what}`,
    parse(value) {
      const text = value.replaceAll('\\n', '\n')
      reader(text)
      return text
    },
  }
}

const serialRule: SettingRule<string> = {
  must: 'must be the serial of the merchant’s API certificate, 40 hex digits (WXPAY_MERCHANT_CERTIFICATE in its place does as well)',
  parse: (value) => (/^[0-9a-f]{40}$/i.test(value) ? value.toUpperCase() : undefined),
}

/** The certificate carries its serial: one of the two is enough. */
function readSerial(read: SettingsReader, certificate: string | null): string {
  if (read.isSet('WXPAY_MERCHANT_SERIAL') || !read.isSet('WXPAY_MERCHANT_CERTIFICATE')) {
    return read.requiredSecret('WXPAY_MERCHANT_SERIAL', serialRule)
  }
  return certificate === null ? '' : serialOf(certificate)
}

function serialOf(certificate: string): string {
  return readMerchantCertificate(certificate).serialNumber.toUpperCase().padStart(40, '0')
}

/** Both or neither: notices name the key by its id. */
function readPublicKey(read: SettingsReader): V3Config['publicKey'] {
  if (!read.isSet('WXPAY_PUBLIC_KEY_ID') && !read.isSet('WXPAY_PUBLIC_KEY')) return null
  return {
    id: read.requiredSecret(
      'WXPAY_PUBLIC_KEY_ID',
      pattern(/^PUB_KEY_ID_\d{1,64}$/, 'must be the id of WXPAY_PUBLIC_KEY, PUB_KEY_ID_ and digits'),
    ),
    pem: read.requiredSecret('WXPAY_PUBLIC_KEY', pem('the PEM text of WeChat Pay’s public key (pub_key.pem)', readWechatPublicKey)),
  }
}

/** Each setting is well by itself: do they belong together? */
function refuseMismatches(read: SettingsReader, { merchantPrivateKey, merchantCertificate, merchantSerial, publicKey }: V3Config): void {
  const privateKey = readMerchantPrivateKey(merchantPrivateKey)
  if (merchantCertificate !== null && !readMerchantCertificate(merchantCertificate).checkPrivateKey(privateKey)) {
    read.problem('WXPAY_MERCHANT_CERTIFICATE', 'must be the certificate of WXPAY_MERCHANT_PRIVATE_KEY: these two do not fit together')
  }
  if (merchantCertificate !== null && serialOf(merchantCertificate) !== merchantSerial) {
    read.problem('WXPAY_MERCHANT_SERIAL', 'must be the serial of WXPAY_MERCHANT_CERTIFICATE, or left out beside it')
  }
  if (publicKey && isSameKey(readWechatPublicKey(publicKey.pem), privateKey)) {
    read.problem('WXPAY_PUBLIC_KEY', 'must be WeChat Pay’s public key (pub_key.pem), not the public half of WXPAY_MERCHANT_PRIVATE_KEY')
  }
}
