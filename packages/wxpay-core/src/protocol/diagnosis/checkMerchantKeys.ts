import type { KeyObject, X509Certificate } from 'node:crypto'
import { readMerchantCertificate, readMerchantPrivateKey } from '../v3/keys.ts'
import { fault, ok, warning, type Check, type Finding } from './finding.ts'
import { tryRead } from './tryRead.ts'

export interface MerchantKeys {
  merchantPrivateKey: string
  /** Of the certificate that belongs to the private key. */
  merchantSerial: string
  /** apiclient_cert.pem; null: not given, WeChat has it. */
  merchantCertificate: string | null
}

export interface MerchantKeysSeen {
  findings: Finding[]
  /** undefined: it cannot be read. */
  privateKey: KeyObject | undefined
}

/** Certificates of merchants live for five years; a month is enough to ask for the next. */
const soonMs = 30 * 86_400_000

/** What the private key, its certificate and the serial tell about each other, without asking anybody. */
export function checkMerchantKeys(
  { merchantPrivateKey, merchantSerial, merchantCertificate }: MerchantKeys,
  mchId: string,
  now: number,
): MerchantKeysSeen {
  const key = tryRead(() => readMerchantPrivateKey(merchantPrivateKey))
  const findings: Finding[] = [key.read ? ok('private key', sizeOf(key.value)) : fault('private key', key.problem, takePrivateKey)]
  const privateKey = key.read ? key.value : undefined
  if (merchantCertificate === null) return { findings: [...findings, checkSerialForm(merchantSerial)], privateKey }

  const certificate = tryRead(() => readMerchantCertificate(merchantCertificate))
  if (certificate.read)
    findings.push(...checkCertificate(certificate.value, { privateKey, mchId, now }), checkSerial(merchantSerial, certificate.value))
  else findings.push(fault('certificate', certificate.problem, takeCertificate), checkSerialForm(merchantSerial))
  return { findings, privateKey }
}

interface Fellows {
  privateKey: KeyObject | undefined
  mchId: string
  now: number
}

/** Everything that is wrong with it, or one line that says what it is. */
export function checkCertificate(certificate: X509Certificate, { privateKey, mchId, now }: Fellows): Finding[] {
  const problems: Finding[] = []
  const until = day(certificate.validToDate)
  const holder = commonName(certificate)
  if (certificate.validToDate.getTime() <= now) problems.push(fault('certificate', `expired on ${until}`, renew))
  else if (certificate.validFromDate.getTime() > now)
    problems.push(fault('certificate', `is not valid before ${day(certificate.validFromDate)}`, 'Look at the clock of this machine.'))
  else if (certificate.validToDate.getTime() - now < soonMs) problems.push(warning('certificate', `expires on ${until}`, renew))
  if (holder !== mchId)
    problems.push(
      fault('certificate', `was made for the merchant ${holder ?? '(none)'}, not for ${mchId}`, 'Take the certificate of this merchant.'),
    )
  if (privateKey && !certificate.checkPrivateKey(privateKey))
    problems.push(
      fault('certificate', 'does not fit the private key', 'Take apiclient_key.pem and apiclient_cert.pem from one and the same download.'),
    )
  if (problems.length > 0) return problems
  return [ok('certificate', `of ${mchId}, ${privateKey ? 'fits the private key, ' : ''}valid until ${until}`)]
}

/** 40 hexadecimal digits, upper-case as WeChat writes them; ours is compared whatever its case. */
function checkSerial(serial: string, certificate: X509Certificate): Finding {
  if (plain(serial) === plain(certificate.serialNumber)) return ok('serial', `${serial.toUpperCase()}, as in the certificate`)
  const detail = `${serial} was set, the certificate's is ${certificate.serialNumber.toUpperCase()}`
  return fault('serial', detail, 'Set the serial of the certificate, or give the certificate that has this serial.')
}

function checkSerialForm(serial: string): Finding {
  const check: Check = 'serial'
  if (serial.startsWith('PUB_KEY_ID_'))
    return fault(check, 'is the id of WeChat’s public key', 'Take the "证书序列号" of the merchant’s own API certificate ("商户API证书").')
  if (/^[0-9A-F]{40}$/i.test(serial))
    return ok(check, `${serial.toUpperCase()}, 40 hexadecimal digits; whether it fits the key, WeChat tells`)
  const advice = 'Copy the "证书序列号" of the merchant’s API certificate, or: openssl x509 -in apiclient_cert.pem -noout -serial'
  return fault(check, `has ${serial.length} characters; it has to be 40 hexadecimal digits`, advice)
}

const plain = (serial: string): string => serial.toUpperCase().replace(/^0+/, '')
const day = (date: Date): string => date.toISOString().slice(0, 10)
const sizeOf = (key: KeyObject): string => `RSA, ${key.asymmetricKeyDetails?.modulusLength ?? '?'} bits`
const commonName = ({ subject }: X509Certificate): string | undefined => /^CN=(.*)$/m.exec(subject)?.[1]

const takePrivateKey = 'Give the text of apiclient_key.pem, from "-----BEGIN PRIVATE KEY-----" to its end, line breaks included.'
const takeCertificate = 'Give the text of apiclient_cert.pem, from "-----BEGIN CERTIFICATE-----" to its end, or leave it out.'
const renew = 'Apply for a new one in the merchant platform ("账户中心", "API安全", "商户API证书"), and set its key and serial together.'
