import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

export interface KeyPair {
  privateKey: KeyObject
  publicKey: KeyObject
  privatePem: string
  publicPem: string
}

/** Keys for one test run: they belong to nobody. */
export function newKeyPair(modulusLength = 2048): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  return {
    privateKey,
    publicKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

/**
 * A self-signed certificate, as small as X.509 allows (RFC 5280, 4.1).
 *
 * @param serialBytes - fewer than 20: the serial begins with zeros
 * @returns PEM, and its serial as WeChat writes it
 */
export function newCertificate({ privateKey, publicKey }: KeyPair, serialBytes = 20): { pem: string; serial: string } {
  const serial = Buffer.concat([Buffer.from([0x5a]), randomBytes(serialBytes - 1)]) // positive
  const name = der(0x30, der(0x31, der(0x30, objectId('550403'), der(0x0c, Buffer.from('1900000109')))))
  const validity = der(0x30, der(0x17, Buffer.from('250101000000Z')), der(0x17, Buffer.from('491231235959Z')))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const body = der(0x30, der(0x02, serial), sha256WithRsa, name, validity, name, spki)
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey))
  const text = der(0x30, body, sha256WithRsa, signature).toString('base64').replace(/.{64}/g, '$&\n')
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    serial: serial.toString('hex').toUpperCase().padStart(40, '0'),
  }
}

const sha256WithRsa = der(0x30, objectId('2a864886f70d01010b'), der(0x05))

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
