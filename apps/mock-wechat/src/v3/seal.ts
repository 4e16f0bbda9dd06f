import type { Merchant } from '../merchants.ts'
import { base62, hex, randomText } from '../support/random.ts'
import { newestCertificate } from './platform.ts'
import { messageText, signText } from './sign.ts'

/** What can be wrong with a signature on command; several at once. */
export interface SealFaults {
  /** WeChat's probe: the value starts with WECHATPAY/SIGNTEST/ and fits nothing. */
  signtest?: boolean
  /** One character of the right signature is changed. */
  wrongSignature?: boolean
  /** Signed with the merchant's own key under WeChat's serial. */
  wrongKey?: boolean
  /** Rightly signed, under a serial that nobody has heard of. */
  unknownSerial?: boolean
  /** Rightly signed for a moment so far away: -301 is a stale message. */
  skewSeconds?: number
  /** One header is missing, whatever its case. */
  omit?: string
  /** All five are missing. */
  unsigned?: boolean
}

interface SigningKey {
  serial: string
  privateKey: string
}

/**
 * Signs an answer. Mode `mixed`: with the key that the request's Wechatpay-Serial names, else with the certificate.
 *
 * @param message.body - "" for a 204
 * @param message.now - real time in milliseconds
 */
export function answerHeaders(
  merchant: Merchant,
  { namedSerial, body, now }: { namedSerial?: string | undefined; body: string; now: number },
  faults: SealFaults = {},
): Record<string, string> {
  const { signing, platform } = merchant
  const byPublicKey = signing.mode === 'pubkey' || (signing.mode === 'mixed' && namedSerial === platform.publicKeyId)
  return headers(merchant, { key: byPublicKey ? publicKey(merchant) : newestCertificate(platform), body, now }, faults)
}

/**
 * Signs a notice. Mode `mixed`: WeChat moves notices to the public key by itself, so many in a hundred.
 *
 * @param message.now - real time in milliseconds
 * @param message.draw - a number from 0 up to, not including, 1: below `share` means the public key
 */
export function noticeHeaders(
  merchant: Merchant,
  { body, now, draw }: { body: string; now: number; draw: () => number },
  faults: SealFaults = {},
): Record<string, string> {
  const { platform, signing } = merchant
  const byPublicKey = signing.mode === 'pubkey' || (signing.mode === 'mixed' && draw() < signing.share)
  return headers(merchant, { key: byPublicKey ? publicKey(merchant) : newestCertificate(platform), body, now }, faults)
}

const publicKey = ({ platform }: Merchant): SigningKey => ({ serial: platform.publicKeyId, privateKey: platform.privateKey })

function headers(merchant: Merchant, message: { key: SigningKey; body: string; now: number }, faults: SealFaults): Record<string, string> {
  if (faults.unsigned) return {}
  const timestamp = String(Math.floor(message.now / 1000) + (faults.skewSeconds ?? 0))
  const nonce = randomText(base62, 32)
  const text = messageText(timestamp, nonce, message.body)
  const right = signText(text, faults.wrongKey ? merchant.merchantPrivateKey : message.key.privateKey)
  const all = {
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': faults.unknownSerial ? `7${randomText(hex, 39)}`.toUpperCase() : message.key.serial,
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
    'Wechatpay-Signature': spoil(right, faults),
  }
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.toLowerCase() !== faults.omit?.toLowerCase()))
}

function spoil(signature: string, { signtest, wrongSignature }: SealFaults): string {
  if (signtest) return `WECHATPAY/SIGNTEST/${signature.slice(0, -19)}` // as long as a real one, and no longer base64 of 256 bytes
  if (wrongSignature) return (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
  return signature
}
