import { KeyObject, webcrypto } from 'node:crypto'
import 'reflect-metadata' // the next line wants it loaded first
import { X509CertificateGenerator } from '@peculiar/x509'
import { base62, digits, hex, randomText } from '../support/random.ts'
import { formatBeijing } from '../support/beijing.ts'
import type { Platform, PlatformCertificate } from './platform.ts'

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
const dayMs = 86_400_000
/** WeChat's certificates live five years. */
const certificateLifeMs = 5 * 365 * dayMs

/** What a merchant of protocol v3 gets, and what WeChat keeps: all of it throw-away. RSA keys take tenths of a second each. */
export async function newCredentials(mchid: string, now: number) {
  const [own, platform] = await Promise.all([newCertificate(`CN=${mchid}, O=mock-wechat`, now), newPlatform(mchid, now)])
  return {
    apiV3Key: randomText(base62, 32),
    merchantSerial: own.serial,
    merchantPrivateKey: own.privateKey,
    merchantCertificate: own.certificate,
    platform,
  }
}

async function newPlatform(mchid: string, now: number): Promise<Platform> {
  const [pair, certificate] = await Promise.all([newKeyPair(), newPlatformCertificate(now)])
  return {
    // The shape seen in published examples: 01, the merchant number, the day, fourteen more digits.
    publicKeyId: `PUB_KEY_ID_01${mchid}${formatBeijing(now).slice(0, 8)}00${randomText(digits, 12)}`,
    publicKey: pem(pair.publicKey),
    privateKey: pem(pair.privateKey),
    certificates: [certificate],
  }
}

export const newPlatformCertificate = (now: number): Promise<PlatformCertificate> =>
  newCertificate('CN=Tenpay.com sign, O=mock-wechat', now)

/** Valid since yesterday, so that no clock is too slow for it. */
async function newCertificate(name: string, now: number): Promise<PlatformCertificate> {
  const keys = await newKeyPair()
  // 40 digits in capitals, as WeChat writes them; the first one keeps the number positive and without leading zeros.
  const serial = `5${randomText(hex, 39)}`.toUpperCase()
  const [notBefore, notAfter] = [wholeSecond(now - dayMs), wholeSecond(now - dayMs + certificateLifeMs)]
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial,
    name,
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: rsa,
  })
  return {
    serial,
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: pem(keys.privateKey),
    effectiveAt: notBefore.toISOString(),
    expiresAt: notAfter.toISOString(),
  }
}

/** Certificates know no fractions of seconds. */
const wholeSecond = (atMs: number) => new Date(Math.floor(atMs / 1000) * 1000)

const newKeyPair = () => webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify'])

/** PKCS#8 of a private key, SPKI of a public one. */
function pem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key)
    .export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' })
    .toString()
}
