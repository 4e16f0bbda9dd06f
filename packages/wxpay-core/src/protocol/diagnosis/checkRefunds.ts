import type { X509Certificate } from 'node:crypto'
import type { ClientCertificate } from '../send.ts'
import { readMerchantP12 } from '../v2/clientCertificate.ts'
import { readMerchantCertificate, readMerchantPrivateKey } from '../v3/keys.ts'
import { checkCertificate } from './checkMerchantKeys.ts'
import { fault, ok, warning, type Check, type Finding } from './finding.ts'
import { tryRead } from './tryRead.ts'

interface Settings {
  mchId: string
  v2: object | null
  v3: { merchantCertificate: string | null } | null
  certificate?: ClientCertificate | null
  now: () => number
}

const check: Check = 'refunds'

/** Whether money can go back: v3 signs for it, v2 shows a certificate that has to be in force. */
export function checkRefunds({ mchId, v2, v3, certificate, now }: Settings): Finding[] {
  const overV3 = v3 ? [ok(check, 'of payments made over v3: possible')] : []
  if (!v2) return overV3
  if (!certificate) return [...overV3, warning(check, 'of payments made over v2: not possible without the merchant API certificate', give)]
  const read = tryRead(() => readOf(certificate))
  if (!read.read) return [...overV3, fault('certificate', read.problem, give)]
  // v3's own certificate has been looked at already.
  const isSeen = 'cert' in certificate && v3?.merchantCertificate === certificate.cert
  const { x509, privateKey } = read.value
  const findings = checkCertificate(x509, { privateKey, mchId, now: now() })
  const isGood = findings.every(({ state }) => state !== 'fault')
  const overV2 = isGood
    ? ok(check, 'of payments made over v2: possible, by the certificate')
    : fault(check, 'of payments made over v2: not possible with this certificate', give)
  return [...(isSeen ? [] : findings), ...overV3, overV2]
}

const give =
  'Give apiclient_key.pem and apiclient_cert.pem, or apiclient_cert.p12, of the merchant platform ("账户中心", "API安全", "商户API证书").'

/** PKCS#12 has been opened only when its key fits. */
function readOf(certificate: ClientCertificate): {
  x509: X509Certificate
  privateKey: ReturnType<typeof readMerchantPrivateKey> | undefined
} {
  if ('pfx' in certificate) return { x509: readMerchantP12(certificate.pfx, certificate.passphrase), privateKey: undefined }
  return { x509: readMerchantCertificate(certificate.cert), privateKey: readMerchantPrivateKey(certificate.key) }
}
