import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { v3 } from '../../testing/v3.ts'
import { isSameKey, readMerchantCertificate, readMerchantPrivateKey, readWechatPublicKey } from './keys.ts'

const { merchant, wechatpay_public_key: wechat } = v3.keys

function pems(bits: number) {
  return generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}
const small = pems(1024)
const elliptic = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const encrypted = createPrivateKey(merchant.private_key_pem).export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'x',
})
const damaged = (pem: string) => pem.replace(/\n.{20}/, '\n')

const isPrivateKey = 'must be the merchant API private key in PEM (apiclient_key.pem, -----BEGIN PRIVATE KEY-----)'
const isPublicKey = "must be WeChat Pay's public key in PEM (pub_key.pem, -----BEGIN PUBLIC KEY-----)"
const isCertificate = 'must be the merchant API certificate in PEM (apiclient_cert.pem, -----BEGIN CERTIFICATE-----)'

describe('the merchant’s private key', () => {
  it('is read as WeChat’s tool makes it, and as OpenSSL rewrites it', () => {
    const key = readMerchantPrivateKey(merchant.private_key_pem)
    expect(key.type).toBe('private')
    const rewritten = key.export({ type: 'pkcs1', format: 'pem' }).toString()
    expect(isSameKey(readMerchantPrivateKey(rewritten), key)).toBe(true)
  })

  it('may end its lines as Windows does', () => {
    expect(readMerchantPrivateKey(merchant.private_key_pem.replaceAll('\n', '\r\n')).type).toBe('private')
  })

  it.each([
    ['nothing', '', isPrivateKey],
    ['the path of the file', 'secrets/apiclient_key.pem', isPrivateKey],
    ['the certificate', merchant.certificate_pem, `${isPrivateKey}, not a certificate`],
    ['a public key', wechat.public_key_pem, `${isPrivateKey}, not a public key`],
    ['an encrypted key', encrypted, `${isPrivateKey}, not an encrypted private key`],
    ['two things', merchant.private_key_pem + merchant.certificate_pem, `${isPrivateKey}, and nothing else in the same text`],
    ['a damaged text', damaged(merchant.private_key_pem), `${isPrivateKey}, whole and unchanged`],
    ['a text without line breaks', merchant.private_key_pem.replaceAll('\n', ' '), `${isPrivateKey}, whole and unchanged`],
    ['a key of 1024 bits', small.privateKey, 'must be an RSA key of at least 2048 bits, not 1024'],
    ['a key of another kind', elliptic.privateKey, 'must be an RSA key, not ec'],
  ])('is refused when it is %s', (_, pem, message) => {
    expect(() => readMerchantPrivateKey(pem.toString())).toThrow(new RangeError(message))
  })
})

describe('WeChat Pay’s public key', () => {
  it('is read', () => {
    expect(readWechatPublicKey(wechat.public_key_pem).type).toBe('public')
  })

  it.each([
    ['nothing', '', isPublicKey],
    ['a certificate', merchant.certificate_pem, `${isPublicKey}, not a certificate`],
    ['a private key', merchant.private_key_pem, `${isPublicKey}, not a private key`],
    ['a damaged text', damaged(wechat.public_key_pem), `${isPublicKey}, whole and unchanged`],
    ['a key of 1024 bits', small.publicKey, 'must be an RSA key of at least 2048 bits, not 1024'],
    ['a key of another kind', elliptic.publicKey, 'must be an RSA key, not ec'],
  ])('is refused when it is %s', (_, pem, message) => {
    expect(() => readWechatPublicKey(pem)).toThrow(new RangeError(message))
  })
})

describe('the merchant’s certificate', () => {
  it('is read, and tells its serial and its key', () => {
    const certificate = readMerchantCertificate(merchant.certificate_pem)
    expect(certificate.serialNumber).toBe(merchant.serial_no)
    expect(isSameKey(certificate.publicKey, readMerchantPrivateKey(merchant.private_key_pem))).toBe(true)
  })

  it.each([
    ['nothing', '', isCertificate],
    ['a public key', wechat.public_key_pem, `${isCertificate}, not a public key`],
    ['a damaged text', damaged(merchant.certificate_pem), `${isCertificate}, whole and unchanged`],
  ])('is refused when it is %s', (_, pem, message) => {
    expect(() => readMerchantCertificate(pem)).toThrow(new RangeError(message))
  })
})

it('two different keys are not the same', () => {
  expect(isSameKey(readWechatPublicKey(wechat.public_key_pem), readMerchantPrivateKey(merchant.private_key_pem))).toBe(false)
})
