import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'

/**
 * Reads apiclient_key.pem, parsed once: a PEM parsed for every signature costs more than the signature.
 *
 * @throws {RangeError} with the end of a sentence that begins with "must"; nothing of the text is in it
 */
export function readMerchantPrivateKey(pem: string): KeyObject {
  const wanted = 'must be the merchant API private key in PEM (apiclient_key.pem, -----BEGIN PRIVATE KEY-----)'
  refuse(pem, ['PRIVATE KEY', 'RSA PRIVATE KEY'], wanted)
  return checkRsa(parse(() => createPrivateKey(pem), wanted))
}

/** Reads pub_key.pem, WeChat Pay's own. @throws {RangeError} as above */
export function readWechatPublicKey(pem: string): KeyObject {
  const wanted = "must be WeChat Pay's public key in PEM (pub_key.pem, -----BEGIN PUBLIC KEY-----)"
  refuse(pem, ['PUBLIC KEY'], wanted)
  return checkRsa(parse(() => createPublicKey(pem), wanted))
}

/** Reads apiclient_cert.pem. @throws {RangeError} as above */
export function readMerchantCertificate(pem: string): X509Certificate {
  const wanted = 'must be the merchant API certificate in PEM (apiclient_cert.pem, -----BEGIN CERTIFICATE-----)'
  refuse(pem, ['CERTIFICATE'], wanted)
  const certificate = parse(() => new X509Certificate(pem), wanted)
  checkRsa(certificate.publicKey)
  return certificate
}

/** The same RSA key, whether both are given whole or one as its public half. */
export function isSameKey(one: KeyObject, other: KeyObject): boolean {
  return publicHalf(one).equals(publicHalf(other))
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key
}

/** @throws {RangeError} when the key is not RSA of at least 2048 bits, the least that WeChat signs with */
export function checkRsa(key: KeyObject): KeyObject {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa') throw new RangeError(`must be an RSA key, not ${key.asymmetricKeyType ?? 'a secret'}`)
  if (bits < 2048) throw new RangeError(`must be an RSA key of at least 2048 bits, not ${bits}`)
  return key
}

// node:crypto would take a certificate, or a private key, where a public key is asked for, and derive it without a word.
const names = new Map([
  ['CERTIFICATE', 'a certificate'],
  ['CERTIFICATE REQUEST', 'a certificate request'],
  ['PUBLIC KEY', 'a public key'],
  ['PRIVATE KEY', 'a private key'],
  ['RSA PRIVATE KEY', 'a private key'],
  ['ENCRYPTED PRIVATE KEY', 'an encrypted private key'],
])

function refuse(pem: string, labels: readonly string[], wanted: string): void {
  const found = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----/g)].map(([, label = '']) => label)
  const [label] = found
  if (label === undefined) throw new RangeError(wanted)
  if (found.length > 1) throw new RangeError(`${wanted}, and nothing else in the same text`)
  if (!labels.includes(label)) throw new RangeError(`${wanted}, not ${names.get(label) ?? 'something else'}`)
}

function parse<T>(read: () => T, wanted: string): T {
  try {
    return read()
  } catch {
    // The cause is left out on purpose: OpenSSL says nothing of use, and it would stand beside a key.
    throw new RangeError(`${wanted}, whole and unchanged`)
  }
}
