import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSigner } from '../v2/sign.ts'
import { compareLines, numbered, v2SignedText, v2TextToSign } from './signedText.ts'

const fields = new Map([
  ['mch_id', '10000100'],
  ['appid', 'wxd930ea5d5a258f4f'],
  ['attach', ''],
  ['sign', 'ABC'],
  ['Body', 'test'],
])
const key = '192006250b4c09247ec02edce69f6a2d'

describe('the signed text', () => {
  it('shows names in ASCII order, without empty values, with the key masked', () => {
    expect(v2SignedText(fields)).toBe('Body=test&appid=wxd930ea5d5a258f4f&mch_id=10000100&key=****')
  })

  it('is the one that the signer signs', () => {
    const signature = createHmac('sha256', key)
      .update(`${v2TextToSign(fields)}key=${key}`)
      .digest('hex')
      .toUpperCase()
    expect(createSigner(key, 'HMAC-SHA256').sign(fields)).toBe(signature)
  })

  it('shows each line with its number, and empty ones as such', () => {
    expect(numbered('GET\n/v3/certificates\n1554208460\n593B\n\n')).toBe(
      '  1  GET\n  2  /v3/certificates\n  3  1554208460\n  4  593B\n  5  (empty)',
    )
  })
})

describe('comparing with what WeChat says it has seen', () => {
  const ours = 'POST\n/v3/pay/transactions/native\n1756951532\nIXlH\n{"amount":{"total":1}}\n'

  it('finds no difference in a text that is cut short', () => {
    expect(compareLines(ours, 'POST\n/v3/pay/transactions/native\n1756951532\nIXlH\n{"amount')).toEqual({ same: true })
    expect(compareLines(ours, ours)).toEqual({ same: true })
  })

  it('points at the first line that differs', () => {
    expect(compareLines(ours, 'POST\n/proxy/v3/pay/transactions/native\n1756951532\nIXlH\n{"amount')).toEqual({
      same: false,
      line: 2,
      ours: '/v3/pay/transactions/native',
      theirs: '/proxy/v3/pay/transactions/native',
    })
    expect(compareLines(ours, 'POST\n/v3/pay/transactions/native\n1756951532\nIXlH\n{"Amount')).toMatchObject({ same: false, line: 5 })
  })
})
