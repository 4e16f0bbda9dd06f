import { describe, expect, it } from 'vitest'
import { paidTransaction } from '../../testing/v3.ts'
import { FieldError } from '../fieldError.ts'
import { parseObject } from './json.ts'
import { readPaidTrade, readTradeState } from './map.ts'

const read = (changes: object = {}) => readPaidTrade(parseObject(JSON.stringify({ ...paidTransaction, ...changes })))
const { amount } = paidTransaction

describe('the facts of a payment', () => {
  it('are read into our words: fen as numbers, numbers of orders as text, time as a moment', () => {
    expect(read()).toEqual({
      outTradeNo: 'ORDER20260101000001',
      transactionId: '4200001234202601010000000001',
      totalFen: 2990,
      currency: 'CNY',
      payerFen: 2490,
      paidAt: new Date('2026-01-01T00:05:12Z'),
      openId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    })
  })

  it('need nothing but the two numbers, the amount and the time', () => {
    expect(read({ payer: undefined, amount: { total: 2990 }, bank_type: undefined })).toMatchObject({
      currency: 'CNY',
      payerFen: 2990,
      openId: null,
    })
    expect(read({ payer: {}, amount: { total: 2990, currency: '', payer_total: null } })).toMatchObject({
      currency: 'CNY',
      payerFen: 2990,
      openId: null,
    })
  })

  it('keep another currency, to be compared by who reads them', () => {
    expect(read({ amount: { ...amount, currency: 'USD' } }).currency).toBe('USD')
  })

  it('allow a payer who paid nothing, when coupons paid all', () => {
    expect(read({ amount: { ...amount, payer_total: 0 } }).payerFen).toBe(0)
  })

  it.each([
    ['out_trade_no', { out_trade_no: undefined }],
    ['transaction_id', { transaction_id: null }],
    ['transaction_id', { transaction_id: '' }],
    ['success_time', { success_time: undefined }],
    ['amount', { amount: undefined }],
    ['total', { amount: { ...amount, total: undefined } }],
  ])('are not read without %s', (name, changes) => {
    expect(() => read(changes)).toThrow(`${name} is missing`)
  })

  it.each(['"2990"', '29.9', '-1', '1e400', '9007199254740992', 'true', '[2990]', '{"fen":2990}'])(
    'are not read from the amount %s',
    (value) => {
      const withAmount = (name: string) =>
        `{"amount":{"total":1,"${name}":${value}},"out_trade_no":"A","transaction_id":"B","success_time":"2026-01-01T00:00:00Z"}`
      expect(() => readPaidTrade(parseObject(withAmount('total')))).toThrow('total is unreadable')
      expect(() => readPaidTrade(parseObject(withAmount('payer_total')))).toThrow('payer_total is unreadable')
    },
  )

  it.each([
    ['a number for our number', { out_trade_no: 1 }, 'out_trade_no'],
    ['a list for WeChat’s number', { transaction_id: ['4200001234202601010000000001'] }, 'transaction_id'],
    ['a payer who is text', { payer: 'oUpF8uMuAJO' }, 'payer'],
    ['an openid that is a number', { payer: { openid: 1 } }, 'openid'],
    ['a currency that is a number', { amount: { ...amount, currency: 1 } }, 'currency'],
    ['an amount that is a number', { amount: 2990 }, 'amount'],
    ['a time that never was', { success_time: '2026-02-30T00:00:00+08:00' }, 'success_time'],
  ])('are not read from %s', (_name, changes, field) => {
    expect(() => read(changes)).toThrow(`${field} is unreadable`)
  })

  it('come from fields of their own, never from a prototype', () => {
    expect(() => readPaidTrade(parseObject(`{"__proto__":${JSON.stringify(paidTransaction)}}`))).toThrow(FieldError)
  })

  it('are the last ones when a name stands twice, as for every reader of JSON', () => {
    const twice = JSON.stringify(paidTransaction).replace('"total":2990', '"total":1,"total":2990')
    expect(readPaidTrade(parseObject(twice)).totalFen).toBe(2990)
  })
})

describe('a trade state', () => {
  it.each([
    ['SUCCESS', { state: 'paid', refunded: false }],
    ['REFUND', { state: 'paid', refunded: true }],
    ['NOTPAY', { state: 'pending' }],
    ['USERPAYING', { state: 'pending' }],
    ['PAYERROR', { state: 'pending' }],
    ['ACCEPT', { state: 'pending' }],
    ['CLOSED', { state: 'closed' }],
    ['REVOKED', { state: 'closed' }],
  ])('%s is %o', (trade_state, state) => {
    expect(readTradeState({ trade_state })).toEqual(state)
  })

  it.each(['', 'success', 'PAID', 'toString', '__proto__', 1, null])('%o is none', (trade_state) => {
    expect(() => readTradeState({ trade_state })).toThrow(FieldError)
  })
})
