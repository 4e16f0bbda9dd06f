import { createPrivateKey, createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { v3 } from '../../testing/v3.ts'
import { checkWechatKey } from './checkWechatKey.ts'

const { merchant, wechatpay_public_key: wechats, platform_cert_old: platform } = v3.keys
const own = createPrivateKey(merchant.private_key_pem)
const good = { id: wechats.id, pem: wechats.public_key_pem }

function check(given: Partial<typeof good>) {
  return checkWechatKey({ ...good, ...given }, own).findings.map(({ state, detail }) => `${state}: ${detail}`)
}

describe("WeChat's public key", () => {
  it('is what the merchant platform shows, with its id', () => {
    expect(check({})).toEqual([`ok: ${wechats.id}, RSA, 2048 bits`])
  })

  it('may be missing, for who has platform certificates', () => {
    expect(checkWechatKey(null, own)).toMatchObject({ findings: [{ state: 'ok' }], publicKey: undefined })
  })

  it.each([
    ['the serial of a certificate as id', { id: platform.serial_no }, /its id is a serial/],
    ['an id without its beginning', { id: wechats.id.slice('PUB_KEY_ID_'.length) }, /its id has another form/],
    ['a certificate', { pem: platform.certificate_pem }, /not a certificate/],
    ["the merchant's own certificate", { pem: merchant.certificate_pem }, /not a certificate/],
    ['a private key', { pem: merchant.private_key_pem }, /not a private key/],
    ['no PEM at all', { pem: 'pub_key.pem' }, /must be WeChat Pay's public key/],
    [
      "the merchant's own public key",
      { pem: createPublicKey(own).export({ type: 'spki', format: 'pem' }).toString() },
      /the merchant's own/,
    ],
  ])('is told apart from %s', (_name, given, words) => {
    const [finding, ...rest] = check(given)
    expect(finding).toMatch(/^fault/)
    expect(finding).toMatch(words)
    expect(rest).toEqual([])
  })
})
