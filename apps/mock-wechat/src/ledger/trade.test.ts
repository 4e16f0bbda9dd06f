import { describe, expect, it } from 'vitest'
import { LedgerEvent } from './events.ts'
import { cashFen, closeTrade, declineTrade, payTrade, standing, type Trade, type TradePayment } from './trade.ts'

const open: Trade = {
  protocol: 'v2',
  mchid: '1900000001',
  appid: 'wx0123456789abcdef',
  outTradeNo: 'T00001',
  tradeType: 'NATIVE',
  totalFen: 4580,
  description: '海图',
  attach: null,
  deviceInfo: null,
  nonce: 'n',
  signType: 'MD5',
  notifyUrl: 'https://shop.example/notices',
  parameters: {},
  payerOpenid: null,
  payerIp: null,
  prepayId: 'wx1',
  codeUrl: 'weixin://wxpay/bizpayurl?pr=abcdefg',
  createdAt: 1_000,
  expiresAt: 61_000,
  codeExpiresAt: 7_201_000,
  closedAt: null,
  declines: [],
  payment: null,
}
const payment: TradePayment = {
  transactionId: '4200000000202603010000000000',
  openid: 'o1',
  bankType: 'OTHERS',
  couponFen: 0,
  couponId: null,
  paidAt: 2_000,
  realPaidAt: 2_000,
}
const must = (transition: ReturnType<typeof payTrade>): Trade => {
  if (!transition.ok) throw new Error(transition.standing)
  return transition.trade
}
const paid = must(payTrade(open, payment))
const closed = must(closeTrade(open, 2_000))

describe('R15 late money', () => {
  it('comes to closed and expired trades too, once', () => {
    expect(standing(must(payTrade(closed, payment, { late: true })), 2_000)).toBe('paid')
    expect(standing(must(payTrade(open, { ...payment, paidAt: 61_000 }, { late: true })), 61_000)).toBe('paid')
    expect(payTrade(paid, payment, { late: true })).toEqual({ ok: false, standing: 'paid' })
  })
})

describe('a line of an older journal', () => {
  it('is about a trade of v2', () => {
    const { protocol: _protocol, payerOpenid: _openid, payerIp: _ip, ...older } = open
    expect(LedgerEvent.parse({ type: 'created', trade: older })).toEqual({ type: 'created', trade: open })
  })
})

describe('a trade', () => {
  it('is open until its last millisecond and expired from then on', () => {
    expect(standing(open, 60_999)).toBe('open')
    expect(standing(open, 61_000)).toBe('expired')
  })

  it('is paid once, and only while it is open', () => {
    expect(standing(paid, 2_000)).toBe('paid')
    expect(payTrade(paid, payment)).toEqual({ ok: false, standing: 'paid' })
    expect(payTrade(closed, payment)).toEqual({ ok: false, standing: 'closed' })
    expect(payTrade(open, { ...payment, paidAt: 61_000 })).toEqual({ ok: false, standing: 'expired' })
  })

  it('stays paid for ever: neither time nor a close changes it', () => {
    expect(standing(paid, 10 ** 12)).toBe('paid')
    expect(closeTrade(paid, 3_000)).toEqual({ ok: false, standing: 'paid' })
  })

  it('is closed once; an expired one can be closed too', () => {
    expect(closeTrade(closed, 3_000)).toEqual({ ok: false, standing: 'closed' })
    expect(standing(must(closeTrade(open, 61_000)), 61_000)).toBe('closed')
  })

  it('remembers declines and can still be paid', () => {
    const declined = must(declineTrade(open, 'wrong-password', 1_500))
    expect(declined.declines).toEqual([{ at: 1_500, reason: 'wrong-password' }])
    expect(payTrade(declined, payment).ok).toBe(true)
    expect(declineTrade(paid, 'no-funds', 2_500)).toEqual({ ok: false, standing: 'paid' })
  })

  it('takes from the payer what a coupon does not cover, and no coupon above its price', () => {
    expect(cashFen(open, { ...payment, couponFen: 500 })).toBe(4080)
    expect(() => payTrade(open, { ...payment, couponFen: 4581 })).toThrow(RangeError)
  })
})
