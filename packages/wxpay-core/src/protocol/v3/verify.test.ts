import { createPublicKey, X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { lowerCase, newCertificate, probeOf, signatureOf, v3, vectorsNow, wechatPublicKey } from '../../testing/v3.ts'
import { SignatureProbeError } from './probe.ts'
import { SignatureError } from './signatureError.ts'
import { checkSignature, readSignature } from './verify.ts'

const publicKeys = new Map([
  [v3.keys.wechatpay_public_key.id, createPublicKey(v3.keys.wechatpay_public_key.public_key_pem)],
  ...[v3.keys.platform_cert_old, v3.keys.platform_cert_new].map(
    ({ serial_no, certificate_pem }) => [serial_no, new X509Certificate(certificate_pem).publicKey] as const,
  ),
])

/** What is wrong, or 'valid'. */
function verdict(headers: IncomingHttpHeaders, body: string, nowMs: number): string {
  try {
    const signature = readSignature(headers, nowMs)
    const key = publicKeys.get(signature.serial)
    if (!key) return 'unknown-key'
    checkSignature(signature, Buffer.from(body), key)
    return 'valid'
  } catch (error) {
    if (error instanceof SignatureError) return error.problem
    throw error
  }
}

describe('a signature of WeChat’s', () => {
  it.each(v3.response_verification)('on the answer $name is $expect', ({ headers, body, expect: expected }) => {
    const nowMs = Number(headers['Wechatpay-Timestamp']) * 1000
    expect(verdict(lowerCase(headers), body, nowMs)).toBe(expected === 'valid' ? 'valid' : 'wrong-signature')
  })

  it.each([
    ['transaction_success_public_key', 'valid'],
    ['transaction_success_platform_cert', 'valid'],
    ['refund_success_public_key', 'valid'],
    ['signtest_probe', 'probe'],
    ['signtest_probe_bad_base64', 'probe'],
    ['stale_timestamp', 'stale'],
  ])('on the notice %s is %s', (name, expected) => {
    const notice = v3.notices.find((one) => one.name === name)
    if (!notice) throw new Error(`no vector ${name}`)
    expect(verdict(lowerCase(notice.headers), notice.body, notice.now_for_test * 1000)).toBe(expected)
  })

  it('there is no vector of a notice that is not tested above', () => {
    expect(v3.notices).toHaveLength(6)
  })

  it.each(['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-signature', 'wechatpay-serial'])('needs the header %s', (name) => {
    const headers = signatureOf('{}')
    expect(verdict({ ...headers, [name]: undefined }, '{}', vectorsNow)).toBe('missing-header')
    expect(verdict({ ...headers, [name]: '' }, '{}', vectorsNow)).toBe('missing-header')
  })

  it('may leave its type out, which means RSA; another type is not ours', () => {
    const headers = signatureOf('{}')
    expect(verdict({ ...headers, 'wechatpay-signature-type': undefined }, '{}', vectorsNow)).toBe('valid')
    for (const type of ['WECHATPAY2-SM2-WITH-SM3', 'WECHATPAY2-SHA256-RSA2048, WECHATPAY2-SHA256-RSA2048', ''])
      expect(verdict({ ...headers, 'wechatpay-signature-type': type }, '{}', vectorsNow)).toBe('wrong-signature')
  })

  it.each([
    [-301_000, 'stale'],
    [-300_000, 'stale'],
    [-299_000, 'valid'],
    [0, 'valid'],
    [299_000, 'valid'],
    [300_000, 'stale'],
    [301_000, 'stale'],
  ])('seen %i ms after it was made is %s', (ageMs, expected) => {
    expect(verdict(signatureOf('{}'), '{}', vectorsNow + ageMs)).toBe(expected)
  })

  it.each([
    'abc',
    '1767225600.5',
    '-1767225600',
    '0x6955b900',
    '1767225600, 1767225600',
    ' 1767225600',
    '１７６７２２５６００',
    '1e9',
    '9'.repeat(13),
    'NaN',
  ])('with the timestamp "%s" is malformed', (timestamp) => {
    expect(verdict({ ...signatureOf('{}'), 'wechatpay-timestamp': timestamp }, '{}', vectorsNow)).toBe('malformed')
  })

  it.each([
    ['empty after decoding', '*'],
    ['cut', signatureOf('{}')['wechatpay-signature'].slice(0, 100)],
    ['no base64', '签名'],
    ['of another message', signatureOf('{}')['wechatpay-signature']],
    ['of another key', signatureOf('{}', { key: newCertificate })['wechatpay-signature']],
  ])('that is %s is wrong, and nothing worse', (_, value) => {
    expect(verdict({ ...signatureOf('{}'), 'wechatpay-signature': value }, '{}', vectorsNow)).toBe('wrong-signature')
  })

  it.each([
    ['it was sent twice, which arrives as one text', (right: string) => `${right}, ${right}`],
    ['something stands behind it', (right: string) => `${right}A`],
    ['something stands in front of it', (right: string) => ` ${right}`],
    ['its padding is missing', (right: string) => right.replace(/=+$/, '')],
  ])('that would be right is not when %s', (_, change) => {
    const headers = signatureOf('{}')
    const value = change(headers['wechatpay-signature'])
    expect(verdict({ ...headers, 'wechatpay-signature': value }, '{}', vectorsNow)).toBe('wrong-signature')
  })

  it('covers the body’s bytes: escapes that mean the same are another body', () => {
    const headers = signatureOf('{"url":"https:\\/\\/a","name":"\\u5f20"}')
    expect(verdict(headers, '{"url":"https:\\/\\/a","name":"\\u5f20"}', vectorsNow)).toBe('valid')
    expect(verdict(headers, '{"url":"https://a","name":"张"}', vectorsNow)).toBe('wrong-signature')
  })

  it('covers an empty body too', () => {
    expect(verdict(signatureOf(''), '', vectorsNow)).toBe('valid')
    expect(verdict(signatureOf(''), '{}', vectorsNow)).toBe('wrong-signature')
  })

  it('R8 that is a probe has a type of its own', () => {
    const signature = readSignature(probeOf('{}'), vectorsNow)
    expect(() => checkSignature(signature, Buffer.from('{}'), wechatPublicKey)).toThrow(SignatureProbeError)
  })

  it('R8 is not taken for a probe, nor passed, for what its headers look like', () => {
    const probed = { ...signatureOf('{}'), 'wechatpay-nonce': 'WECHATPAY/SIGNTEST/' }
    expect(verdict(probed, '{}', vectorsNow)).toBe('wrong-signature')
    const inside = { ...signatureOf('{}'), 'wechatpay-signature': 'AAAAWECHATPAY/SIGNTEST/' }
    expect(verdict(inside, '{}', vectorsNow)).toBe('wrong-signature')
  })

  it('tells names of headers in its errors, no values', () => {
    expect(() => readSignature({ ...signatureOf('{}'), 'wechatpay-timestamp': 'TELLTALE' }, vectorsNow)).toThrow(
      /^Wechatpay-Timestamp is not decimal$/,
    )
  })
})
