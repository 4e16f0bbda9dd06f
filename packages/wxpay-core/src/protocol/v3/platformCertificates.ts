import { X509Certificate, type KeyObject } from 'node:crypto'
import { FieldError } from '../fieldError.ts'
import type { Incoming } from '../send.ts'
import type { Cipher } from './cipher.ts'
import { plainCode, readError } from './errorBody.ts'
import type { Exchange } from './exchange.ts'
import { parseObject, readList, readObject, readOptionalText, readText, type JsonObject } from './json.ts'
import { checkRsa } from './keys.ts'
import { SignatureProbeError } from './probe.ts'
import { SignatureError } from './signatureError.ts'
import { checkSignature, readSignature } from './verify.ts'

export interface PlatformCertificate {
  key: KeyObject
  expiresAtMs: number
}

/** By serial: upper-case hex. */
export type PlatformCertificates = ReadonlyMap<string, PlatformCertificate>

/** WeChat verifies this merchant's answers by its public key only (merchants since the end of 2024), or has switched already. */
export class NoPlatformCertificatesError extends Error {
  override readonly name = 'NoPlatformCertificatesError'
}

export interface DownloadParts {
  exchange: Exchange
  cipher: Cipher
  deadline: () => AbortSignal
  now: () => number
}

const path = '/v3/certificates'

/**
 * Downloads WeChat's platform certificates, and hands back only a list that is verified: every certificate opens with the API v3 key, and
 * the answer is signed by a key that is known, or else by one that it just brought. The second is how the first answer must be checked,
 * and one that comes after a rotation; that it brings WeChat's own certificates is vouched for by the API v3 key, which nobody else has.
 *
 * Issuer and subject are not checked: WeChat documents neither, and the tag of the encryption says more than a chain would.
 *
 * @throws {NoPlatformCertificatesError} when WeChat says that there are none @throws {Error} when no list came that can be trusted
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012551764
 */
export function createDownload({ exchange, cipher, deadline, now }: DownloadParts) {
  async function once(known: (serial: string) => KeyObject | undefined, until: AbortSignal): Promise<PlatformCertificates> {
    const incoming = await exchange({ method: 'GET', path }, until)
    if (incoming.status !== 200) throw whyNot(incoming)
    const signature = readSignature(incoming.headers, now())
    const brought = readCertificates(incoming.body, cipher)
    const key = known(signature.serial) ?? brought.get(signature.serial)?.key
    if (!key) throw new SignatureError('unknown-key', 'the list is signed with a key that it does not bring')
    checkSignature(signature, incoming.body, key)
    return brought
  }

  return async (known: (serial: string) => KeyObject | undefined): Promise<PlatformCertificates> => {
    const until = deadline()
    try {
      return await once(known, until)
    } catch (error) {
      if (!(error instanceof SignatureProbeError)) throw error
      return once(known, until)
    }
  }
}

function whyNot({ status, body }: Incoming): Error {
  const { code, message } = readError(body)
  const text = `HTTP ${status} ${code} ${message}`.trimEnd()
  // Reported with 404, and once with 403.
  return plainCode(code) === 'RESOURCENOTEXISTS' ? new NoPlatformCertificatesError(text) : new Error(text)
}

function readCertificates(body: Buffer, cipher: Cipher): PlatformCertificates {
  const entries = readList(parseObject(body), 'data')
  return new Map(entries.map((entry) => readCertificate(entry, cipher)))
}

/** The times of the entry are not read: WeChat's pages give them two types, and the certificate has them itself. */
function readCertificate(entry: JsonObject, cipher: Cipher): [string, PlatformCertificate] {
  const serial = readText(entry, 'serial_no')
  const sealed = readObject(entry, 'encrypt_certificate')
  if (readText(sealed, 'algorithm') !== 'AEAD_AES_256_GCM') throw new FieldError('algorithm', 'unreadable')
  const pem = cipher.decrypt({
    ciphertext: readText(sealed, 'ciphertext'),
    nonce: readText(sealed, 'nonce'),
    associatedData: readOptionalText(sealed, 'associated_data'),
  })
  const certificate = new X509Certificate(pem)
  if (!isSameSerial(certificate.serialNumber, serial)) throw new Error('a certificate has another serial than serial_no')
  return [serial, { key: checkRsa(certificate.publicKey), expiresAtMs: certificate.validToDate.getTime() }]
}

/** A leading zero is written by some tools and not by others. */
function isSameSerial(one: string, other: string): boolean {
  const plain = (serial: string) => serial.toUpperCase().replace(/^0+/, '')
  return plain(one) === plain(other)
}
