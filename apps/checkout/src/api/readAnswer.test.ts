import { describe, expect, it } from 'vitest'
import { pendingView, statusOf } from '../testing/views.ts'
import { readError, readShop, readStatus, readView } from './readAnswer.ts'
import { UnreadableAnswerError } from './readFields.ts'

describe('an answer of the server', () => {
  it('is read whole', () => {
    expect(readView(structuredClone(pendingView))).toEqual(pendingView)
    expect(readStatus(statusOf(pendingView))).toEqual(statusOf(pendingView))
  })

  it('brings the money that goes back, and none of its numbers', () => {
    const refunds = [{ amountFen: 60, state: 'pending', of: 'order', at: '2026-11-21T02:56:14.000Z' }] as const
    expect(readView({ ...pendingView, refunds: refunds.map((refund) => ({ ...refund, outRefundNo: 'R1' })) }).refunds).toEqual(refunds)
  })

  const invoke = { appId: 'wx1', timeStamp: '1772331305', nonceStr: 'n', package: 'prepay_id=wx2', signType: 'RSA', paySign: 's' }

  it.each([
    { tradeType: 'native', codeUrl: 'weixin://wxpay/bizpayurl?pr=a' },
    { tradeType: 'jsapi', invoke },
    { tradeType: 'h5', url: 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2' },
  ])('brings what the device is given: %o', (action) => {
    expect(readView({ ...pendingView, action }).action).toEqual(action)
  })

  it.each([
    { status: 'done' },
    { version: '2' },
    { version: 2.5 },
    { confirming: undefined },
    { attempt: 'open' },
    { remainingMs: '300000' },
    { problem: { code: 'odd' } },
    { problem: 'odd' },
    { refunds: null },
    { refunds: [{ amountFen: 1, state: 'gone', of: 'order', at: '' }] },
    { refunds: [{ amountFen: 1, state: 'done', of: 'R1', at: '' }] },
    { refunds: ['R1'] },
    { action: { tradeType: 'native' } },
    { action: { tradeType: 'jsapi', invoke: { ...invoke, timeStamp: 1772331305 } } },
    { action: { tradeType: 'jsapi', codeUrl: 'weixin://' } },
    { action: { tradeType: 'h5' } },
    { amountFen: null },
  ])('is refused when a field does not fit: %o', (change) => {
    expect(() => readView({ ...pendingView, ...change })).toThrow(UnreadableAnswerError)
  })

  it.each([null, 'text', [], 7])('is refused when it is not an object: %o', (answer) => {
    expect(() => readStatus(answer)).toThrow(UnreadableAnswerError)
  })

  it('about the shop is read, with or without a contact', () => {
    const shop = {
      name: '云上咖啡',
      contact: null,
      locale: 'zh-CN',
      limits: { minAmountFen: 1, maxAmountFen: 5_000_000 },
      tradeTypes: ['native'],
    }
    expect(readShop(shop)).toEqual(shop)
    expect(() => readShop({ ...shop, tradeTypes: 'native' })).toThrow(UnreadableAnswerError)
  })

  it('that is an error keeps code, request and the view beside it', () => {
    const error = { code: 'order_not_payable', message: '…', requestId: 'r-1' }
    expect(readError({ error, view: pendingView })).toEqual({ code: 'order_not_payable', requestId: 'r-1', view: pendingView })
    expect(readError({ error: { code: 'internal_error' } })).toEqual({ code: 'internal_error', requestId: null, view: null })
  })

  it.each(['<html>Bad Gateway</html>', null, {}, { error: 'no' }, { error: {} }])(
    'that is no error of ours is told apart: %o',
    (answer) => {
      expect(readError(answer)).toBeNull()
    },
  )
})
