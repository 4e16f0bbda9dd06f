import { KeyObject, webcrypto } from 'node:crypto'
import 'reflect-metadata' // the next line wants it loaded first
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { hex, randomText } from '../support/random.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 86_400_000
const authority = 'CN=mock-wechat CA, O=mock-wechat'

/** An authority of its own, whose key is thrown away, and a certificate for the loopback addresses. */
export async function newIdentity(now: number): Promise<Record<'ca' | 'certificate' | 'privateKey', string>> {
  const [caKeys, keys] = await Promise.all([newKeyPair(), newKeyPair()])
  // Valid since yesterday, so that no clock is too slow for it. Certificates know no fractions of seconds.
  const start = Math.floor(now / 1000) * 1000 - dayMs
  const life = { notBefore: new Date(start), notAfter: new Date(start + 5 * 365 * dayMs) }
  const ca = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: authority,
    ...life,
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  })
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: 'CN=localhost, O=mock-wechat',
    issuer: authority,
    ...life,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    ],
  })
  return {
    ca: `${ca.toString('pem')}\n`,
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const newKeyPair = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

/** The first digit keeps the number positive and without leading zeros. */
const newSerial = () => `5${randomText(hex, 31)}`
