import { describe, expect, expectTypeOf, it } from 'vitest'
import { CheckoutView, ErrorBody, type ShopView, type CheckoutStatus, type JsapiInvoke } from 'wxpay-core/contract'
import * as answers from '../miniprogram/checkout/answers.ts'
import { paidOrder, pendingOrder, wireOf } from '../testing/orders.ts'

describe('an answer of the API', () => {
  it('has the fields and the names of the HTTP contract', () => {
    expectTypeOf<answers.JsapiInvoke>().toEqualTypeOf<JsapiInvoke>()
    expectTypeOf<Omit<answers.OrderStatus, 'problem'>>().toEqualTypeOf<Omit<CheckoutStatus, 'problem'>>()
    expectTypeOf<NonNullable<answers.OrderStatus['problem']>>().toEqualTypeOf<NonNullable<CheckoutStatus['problem']>['code']>()
    expectTypeOf<keyof answers.Order>().toEqualTypeOf<Exclude<keyof CheckoutView, 'action' | 'tradeType'> | 'invoke'>()
    expectTypeOf<ShopView>().toExtend<answers.Shop>()
  })

  it.each([pendingOrder, paidOrder])('about an order is read whole: $status', (order) => {
    expect(answers.readOrder(CheckoutView.parse(wireOf(order)))).toEqual(order)
  })

  it.each([
    { tradeType: 'native', codeUrl: 'weixin://wxpay/bizpayurl?pr=first01' },
    { tradeType: 'h5', url: 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1' },
  ])('with another way of paying has nothing to bring up here: $tradeType', (action) => {
    expect(answers.readOrder({ ...wireOf(pendingOrder), action }).invoke).toBeNull()
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
    { action: { tradeType: 'jsapi' } },
    { action: { tradeType: 'jsapi', invoke: { ...pendingOrder.invoke, timeStamp: 1_795_210_000 } } },
    { amountFen: null },
    { token: undefined },
  ])('is refused when a field does not fit: %o', (change) => {
    expect(() => answers.readOrder({ ...wireOf(pendingOrder), ...change })).toThrow(TypeError)
  })

  it.each([null, 'text', [], 7])('is refused when it is no object: %o', (answer) => {
    expect(() => answers.readOrder(answer)).toThrow(TypeError)
    expect(() => answers.readLogin(answer)).toThrow(TypeError)
  })

  it('that is an error keeps code, request and the order beside it', () => {
    const body = ErrorBody.parse({ error: { code: 'order_not_payable', message: '…', requestId: 'r-1' } })
    expect(answers.readError({ ...body, view: wireOf(paidOrder) })).toEqual({
      code: 'order_not_payable',
      requestId: 'r-1',
      order: paidOrder,
    })
    expect(answers.readError({ error: { code: 'internal_error' } })).toEqual({ code: 'internal_error', requestId: null, order: null })
  })

  it.each(['<html>Bad Gateway</html>', null, {}, { error: 'no' }, { error: {} }])(
    'that is no error of ours is told apart: %o',
    (answer) => {
      expect(answers.readError(answer)).toBeNull()
    },
  )
})
