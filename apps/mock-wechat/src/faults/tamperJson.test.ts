import { describe, expect, it } from 'vitest'
import { openResource, sealResource } from '../v3/aead.ts'
import type { Struck } from './faults.ts'
import { tamperAnswer } from './tamperJson.ts'

const key = 'k'.repeat(32)
const transaction = { appid: 'wx1', mchid: '1900000001', out_trade_no: 'T00001', amount: { total: 4580, currency: 'CNY' } }
const certificates = {
  data: [{ serial_no: '5A', encrypt_certificate: sealResource(key, { plaintext: 'PEM', associatedData: 'certificate' }) }],
}
const first = (answer: typeof certificates) =>
  answer.data[0]?.encrypt_certificate ?? sealResource(key, { plaintext: '', associatedData: '' })

/** What is read from a tampered answer that was signed as it was sent. */
function sent<Honest extends Record<string, unknown>>(honest: Honest, ...struck: Struck[]): Honest {
  const answer = tamperAnswer(honest, struck)
  expect(answer.signed).toBe(answer.sent)
  return JSON.parse(answer.sent) as Honest
}

describe('a tampered v3 answer', () => {
  it('is the honest one without faults, and an empty one for an empty one', () => {
    expect(sent(transaction)).toEqual(transaction)
    expect(tamperAnswer(undefined, [{ kind: 'other-appid' }, { kind: 'signtest' }])).toMatchObject({
      signed: '',
      sent: '',
      seal: { signtest: true },
    })
  })

  it('does not touch the original', () => {
    sent(transaction, { kind: 'altered', field: 'amount.total', value: '1' })
    expect(transaction.amount.total).toBe(4580)
  })

  it('has the harm done before signing signed', () => {
    expect(sent(transaction, { kind: 'altered', field: 'amount.total', value: '1' })).toMatchObject({ amount: { total: 1 } })
    expect(sent(transaction, { kind: 'altered', field: 'payer.openid', value: 'o1' })).toMatchObject({ payer: { openid: 'o1' } })
    expect(sent(transaction, { kind: 'missing', field: 'amount.total' }).amount).toEqual({ currency: 'CNY' })
    expect(sent(transaction, { kind: 'missing', field: 'payer.openid' })).toEqual(transaction)
    expect(sent(transaction, { kind: 'unknown-fields' })).toMatchObject({ ...transaction, future_field_x: 'keep-me' })
    expect(sent(transaction, { kind: 'not-an-object' })).toEqual([transaction])
  })

  it('has the harm done after signing not signed', () => {
    const honest = JSON.stringify(transaction)
    const forged = tamperAnswer(transaction, [{ kind: 'forged', field: 'amount.total', value: '1' }])
    expect(forged.signed).toBe(honest)
    expect(JSON.parse(forged.sent)).toEqual({ ...transaction, amount: { total: 1, currency: 'CNY' } })
    const cut = tamperAnswer(transaction, [{ kind: 'truncated' }])
    expect([cut.signed, honest.startsWith(cut.sent), cut.sent.length]).toEqual([honest, true, Math.floor(honest.length / 2)])
  })

  it('cannot reach what every object has in common', () => {
    sent(transaction, { kind: 'altered', field: '__proto__.polluted', value: 'yes' })
    expect({}).not.toHaveProperty('polluted')
  })

  it('tells the seal what is wrong with the signature', () => {
    const seal = (...struck: Struck[]) => tamperAnswer(transaction, struck).seal
    expect(seal({ kind: 'stale' })).toMatchObject({ skewSeconds: -301 })
    expect(seal({ kind: 'stale', ms: -400_000 })).toMatchObject({ skewSeconds: 400 })
    expect(seal({ kind: 'missing-header', field: 'Wechatpay-Nonce' })).toMatchObject({ omit: 'Wechatpay-Nonce' })
    expect(seal({ kind: 'wrong-key' }, { kind: 'unknown-serial' })).toMatchObject({ wrongKey: true, unknownSerial: true, signtest: false })
    expect(seal()).not.toHaveProperty('skewSeconds')
  })
})

describe('a tampered list of certificates', () => {
  it('can be opened when nothing struck', () => {
    expect(openResource(key, first(sent(certificates)))).toBe('PEM')
  })

  it.each(['corrupted', 'wrong-aad', 'truncated-base64'] as const)('%s: rightly signed, and shut', (kind) => {
    const sealed = first(sent(certificates, { kind }))
    expect(() => openResource(key, sealed)).toThrow()
  })

  it('other-algorithm', () => {
    expect(first(sent(certificates, { kind: 'other-algorithm' })).algorithm).toBe('AEAD_SM4_GCM')
  })
})
