import { type ClientCertificate, readMerchantCertificate, readMerchantP12, readMerchantPrivateKey } from 'wxpay-core/protocol'
import type { SettingsReader } from '../support/settingsReader.ts'
import { pem, type V3Config } from './readV3.ts'

/** What v2 shows at calls that move money back: PEM texts, or PKCS#12 in base64 whose password is the merchant's number. */
export type CertificateConfig = { readonly key: string; readonly cert: string } | { readonly p12: string }

/** @param v3 - its keys, which have been read, are v2's too */
export function readCertificate(read: SettingsReader, mchId: string, v3: V3Config | null): CertificateConfig | null {
  const p12 = readP12(read, mchId)
  const pair = v3 ? pairOf(v3) : readPair(read)
  if (pair && read.isSet('WXPAY_MERCHANT_P12')) {
    read.problem('WXPAY_MERCHANT_P12', 'and WXPAY_MERCHANT_CERTIFICATE are both set: keep one of them')
  }
  return pair ?? p12
}

function pairOf({ merchantPrivateKey: key, merchantCertificate: cert }: V3Config): CertificateConfig | null {
  return cert === null ? null : { key, cert }
}

/** Without v3 they are v2's alone, and one without the other is of no use. */
function readPair(read: SettingsReader): CertificateConfig | null {
  const names = ['WXPAY_MERCHANT_PRIVATE_KEY', 'WXPAY_MERCHANT_CERTIFICATE']
  if (!names.some((name) => read.isSet(name))) return null
  const before = read.problems.length
  const key = read.requiredSecret('WXPAY_MERCHANT_PRIVATE_KEY', pem('the PEM text of apiclient_key.pem', readMerchantPrivateKey))
  const cert = read.requiredSecret('WXPAY_MERCHANT_CERTIFICATE', pem('the PEM text of apiclient_cert.pem', readMerchantCertificate))
  if (read.problems.length === before && !readMerchantCertificate(cert).checkPrivateKey(readMerchantPrivateKey(key))) {
    read.problem('WXPAY_MERCHANT_CERTIFICATE', 'must be the certificate of WXPAY_MERCHANT_PRIVATE_KEY: these two do not fit together')
  }
  return { key, cert }
}

function readP12(read: SettingsReader, mchId: string): CertificateConfig | null {
  const p12 = read.optionalSecretBytes('WXPAY_MERCHANT_P12', {
    must: 'must be apiclient_cert.p12 in base64, or the file itself as WXPAY_MERCHANT_P12_FILE',
    parse(base64) {
      if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(base64)) return undefined
      if (mchId !== '') readMerchantP12(Buffer.from(base64, 'base64'), mchId) // without the number there is no password to try
      return base64
    },
  })
  return p12 === null ? null : { p12 }
}

/** The settings as the protocol wants them. */
export function clientCertificate({ mchId, certificate, certApiUrl }: CertificateSettings): {
  certificate?: ClientCertificate
  certApiUrl?: string
} {
  if (!certificate) return {}
  const opened = 'p12' in certificate ? { pfx: Buffer.from(certificate.p12, 'base64'), passphrase: mchId } : { ...certificate }
  return { certificate: opened, ...(certApiUrl !== null && { certApiUrl }) }
}

interface CertificateSettings {
  mchId: string
  certificate: CertificateConfig | null
  certApiUrl: string | null
}
