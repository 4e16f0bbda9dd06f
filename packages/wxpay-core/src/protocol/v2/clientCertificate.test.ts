import { describe, expect, it } from 'vitest'
import { tls } from '../../testing/tlsServer.ts'
import { readCaCertificate, readMerchantP12 } from './clientCertificate.ts'

const { pfx, passphrase } = tls.p12

describe('apiclient_cert.p12', () => {
  it('tells the certificate that is in it', () => {
    expect(readMerchantP12(pfx, passphrase).subject).toContain('CN=1900006042')
  })

  it.each<[string, Buffer, string, RegExp]>([
    ['of another merchant', pfx, '1900006043', /password is the merchant’s number/],
    ['in the encryption of old downloads', tls.oldP12.pfx, passphrase, /OpenSSL 3.*apiclient_key\.pem/],
    ['cut off', pfx.subarray(0, 900), passphrase, /whole and unchanged/],
    ['that is PEM', Buffer.from(tls.merchant.cert), passphrase, /whole and unchanged/],
    ['that is empty', Buffer.alloc(0), passphrase, /whole and unchanged/],
  ])('%s is refused with what to do', (_case, bytes, word, sentence) => {
    expect(() => readMerchantP12(bytes, word)).toThrow(RangeError)
    expect(() => readMerchantP12(bytes, word)).toThrow(sentence)
  })
})

describe('the certificate of a CA', () => {
  it('is read', () => {
    expect(readCaCertificate(tls.ca).ca).toBe(true)
  })

  it.each([
    ['no certificate', tls.merchant.key],
    ['a broken one', tls.ca.replace('MII', 'MI')],
    ['of no CA', tls.merchant.cert],
  ])('is refused when it is %s', (_case, pem) => {
    expect(() => readCaCertificate(pem)).toThrow(/^must be the certificate of a CA/)
  })
})
