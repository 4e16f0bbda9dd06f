import { describe, expect, it } from 'vitest'
import { v3, vectorsNow } from '../../testing/v3.ts'
import { checkMerchantKeys, type MerchantKeys } from './checkMerchantKeys.ts'

const { merchant, mchid, wechatpay_public_key: wechats, platform_cert_old: platform } = v3.keys
const good = {
  merchantPrivateKey: merchant.private_key_pem,
  merchantSerial: merchant.serial_no,
  merchantCertificate: merchant.certificate_pem,
}

function check(keys: Partial<MerchantKeys> = {}, { mchId = mchid, now = vectorsNow } = {}) {
  const { findings } = checkMerchantKeys({ ...good, ...keys }, mchId, now)
  return findings.map(({ check: name, state, detail }) => ({ seen: `${name} ${state}`, detail }))
}

const at = (date: string) => ({ now: Date.parse(date) })

describe("the merchant's key and certificate", () => {
  it('fit together', () => {
    expect(check().map(({ seen }) => seen)).toEqual(['private key ok', 'certificate ok', 'serial ok'])
  })

  it('may do without the certificate: WeChat has it', () => {
    expect(check({ merchantCertificate: null }).map(({ seen }) => seen)).toEqual(['private key ok', 'serial ok'])
  })

  it.each([
    ['the private key of another merchant', { merchantPrivateKey: wechats.private_key_pem }, 'certificate fault', 'does not fit'],
    ['a certificate where the private key belongs', { merchantPrivateKey: merchant.certificate_pem }, 'private key fault', 'a certificate'],
    ['a private key that is cut short', { merchantPrivateKey: merchant.private_key_pem.slice(0, 900) }, 'private key fault', 'whole'],
    [
      'a private key where the certificate belongs',
      { merchantCertificate: merchant.private_key_pem },
      'certificate fault',
      'a private key',
    ],
    [
      "WeChat's certificate where the merchant's belongs",
      { merchantCertificate: platform.certificate_pem },
      'certificate fault',
      'merchant',
    ],
    ['the serial of another certificate', { merchantSerial: platform.serial_no }, 'serial fault', merchant.serial_no],
    ['the id of a public key as serial', { merchantSerial: wechats.id, merchantCertificate: null }, 'serial fault', 'public key'],
    ['a serial of 39 digits', { merchantSerial: merchant.serial_no.slice(1), merchantCertificate: null }, 'serial fault', '39 characters'],
  ])('are told apart from %s', (_name, keys, seen, detail) => {
    expect(check(keys)).toContainEqual({ seen, detail: expect.stringContaining(detail) as string })
  })

  it('takes a serial in lower case, which openssl writes', () => {
    expect(check({ merchantSerial: merchant.serial_no.toLowerCase() })[2]?.seen).toBe('serial ok')
  })

  it('are for this merchant', () => {
    expect(check({}, { mchId: '1900000110' })).toContainEqual({
      seen: 'certificate fault',
      detail: expect.stringContaining(mchid) as string,
    })
  })

  // The certificate of the vectors: 2025-06-01 to 2030-05-31.
  it.each([
    ['expired', 'certificate fault', '2030-06-01T00:00:00Z'],
    ['expires on 2030-05', 'certificate warning', '2030-05-10T00:00:00Z'],
    ['not valid before', 'certificate fault', '2025-05-01T00:00:00Z'],
  ])('tell by the clock that the certificate %s', (detail, seen, now) => {
    expect(check({}, at(now))).toContainEqual({ seen, detail: expect.stringContaining(detail) as string })
  })

  it('show nothing of the private key', () => {
    const body = merchant.private_key_pem.split('\n')[3] ?? ''
    for (const keys of [{}, { merchantPrivateKey: wechats.private_key_pem }, { merchantCertificate: merchant.private_key_pem }])
      expect(JSON.stringify(check(keys))).not.toContain(body)
  })
})
