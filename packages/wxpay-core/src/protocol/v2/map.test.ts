import { describe, expect, it } from 'vitest'
import { paidParts } from '../../testing/message.ts'
import { FieldError } from '../fieldError.ts'
import { readPaidTrade, readTradeState } from './map.ts'

function fields(changes: Record<string, string | undefined> = {}): Map<string, string> {
  const entries = Object.entries({ ...paidParts, ...changes })
  return new Map(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
}

describe('the facts of a payment', () => {
  it('are read into our words: fen as numbers, numbers of orders as text, time as a moment', () => {
    expect(readPaidTrade(fields())).toEqual({
      outTradeNo: 'QH20260301000017',
      transactionId: '4200009042202603017754120386',
      totalFen: 4580,
      currency: 'CNY',
      payerFen: 4080,
      paidAt: new Date('2026-03-01T10:17:42+08:00'),
      openId: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
    })
  })

  it.each([undefined, ''])('are in CNY when fee_type is %o, WeChat’s default', (feeType) => {
    expect(readPaidTrade(fields({ fee_type: feeType })).currency).toBe('CNY')
  })

  it('keep another currency, to be compared by who reads them', () => {
    expect(readPaidTrade(fields({ fee_type: 'USD' })).currency).toBe('USD')
  })

  it('allow a payer who paid nothing, when coupons paid all', () => {
    expect(readPaidTrade(fields({ cash_fee: '0' })).payerFen).toBe(0)
  })

  it.each(['out_trade_no', 'transaction_id', 'total_fee', 'time_end'])('are not read without %s', (name) => {
    expect(() => readPaidTrade(fields({ [name]: undefined }))).toThrow(`${name} is missing`)
    expect(() => readPaidTrade(fields({ [name]: '' }))).toThrow(`${name} is missing`)
  })

  it.each([undefined, ''])('need nothing else: without the rest (%o) the payer paid total_fee, and nobody knows who', (absent) => {
    const rest = Object.fromEntries(['openid', 'bank_type', 'fee_type', 'cash_fee'].map((name) => [name, absent]))
    expect(readPaidTrade(fields(rest))).toEqual({
      outTradeNo: 'QH20260301000017',
      transactionId: '4200009042202603017754120386',
      totalFen: 4580,
      currency: 'CNY',
      payerFen: 4580,
      paidAt: new Date('2026-03-01T10:17:42+08:00'),
      openId: null,
    })
  })

  it.each(['45.80', '-1', '+1', ' 1', '1 ', '1e2', '0x10', '１', '1,000', '9007199254740992', '99999999999999999999', 'NaN'])(
    'are not read from the amount "%s"',
    (amount) => {
      expect(() => readPaidTrade(fields({ total_fee: amount }))).toThrow('total_fee is unreadable')
      expect(() => readPaidTrade(fields({ cash_fee: amount }))).toThrow('cash_fee is unreadable')
    },
  )

  it('are not read from a time that never was', () => {
    expect(() => readPaidTrade(fields({ time_end: '20260230000000' }))).toThrow('time_end is unreadable')
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
  ])('%s is %o', (text, state) => {
    expect(readTradeState(new Map([['trade_state', text]]))).toEqual(state)
  })

  it.each(['', 'success', 'PAID', 'toString', '__proto__'])('"%s" is none', (text) => {
    expect(() => readTradeState(new Map([['trade_state', text]]))).toThrow(FieldError)
  })
})
