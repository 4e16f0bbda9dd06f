import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { createJsonShop } from '../testing/jsonShop.ts'
import { newNumber } from '../testing/shop.ts'

async function openWithOrder(options: Parameters<typeof openBench>[0] = {}, more: Record<string, unknown> = {}) {
  const bench = await openBench(options)
  const order = bench.jsonShop.order(more)
  await bench.jsonShop.create(order)
  return { ...bench, order, outTradeNo: order.out_trade_no }
}

describe('a query by the merchant’s number', () => {
  it('says NOTPAY, and nothing of what only a payment brings', async () => {
    const { jsonShop, order, outTradeNo } = await openWithOrder({}, { attach: 'x' })
    expect(await jsonShop.query(outTradeNo)).toMatchObject({ status: 200 })
    expect((await jsonShop.query(outTradeNo)).body).toEqual({
      amount: { total: 4580, currency: 'CNY' },
      appid: order.appid,
      mchid: order.mchid,
      out_trade_no: outTradeNo,
      payer: {},
      trade_state: 'NOTPAY',
      trade_state_desc: '订单未支付',
    })
  })

  it('says everything about a paid order, and so does a query by WeChat’s number', async () => {
    const { jsonShop, control, order, outTradeNo } = await openWithOrder({}, { attach: 'uid=42' })
    await control.pay({ outTradeNo, couponFen: 500, openid: 'o-payer' })
    const { body } = await jsonShop.query(outTradeNo)
    expect(body).toMatchObject({
      appid: order.appid,
      mchid: order.mchid,
      out_trade_no: outTradeNo,
      transaction_id: expect.stringMatching(/^4200\d{24}$/),
      trade_type: 'NATIVE',
      trade_state: 'SUCCESS',
      attach: 'uid=42',
      success_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/),
      payer: { openid: 'o-payer' },
      amount: { total: 4580, payer_total: 4080, currency: 'CNY', payer_currency: 'CNY' },
      promotion_detail: [{ amount: 500, type: 'CASH' }],
    })
    expect((await jsonShop.queryId(String(body['transaction_id']))).body).toEqual(body)
  })

  it.each([
    ['NOTPAY', '订单未支付'],
    ['CLOSED', '订单已关闭'],
  ] as const)('says %s when the time is over (a switch)', async (v3ExpiredState, description) => {
    const { jsonShop, control, outTradeNo } = await openWithOrder({ switches: { v3ExpiredState } })
    await control.advance(8 * 86_400_000)
    expect((await jsonShop.query(outTradeNo)).body).toMatchObject({ trade_state: v3ExpiredState, trade_state_desc: description })
  })

  it('knows no number that was never used, and none of another merchant', async () => {
    const { jsonShop, control, outTradeNo, other, url } = await openWithOrder()
    const stranger = createJsonShop({ url, merchant: other, notifyUrl: 'http://127.0.0.1/x' })
    await control.pay({ outTradeNo })
    const transactionId = String((await jsonShop.query(outTradeNo)).body['transaction_id'])
    const missing = { status: 404, body: { code: 'ORDER_NOT_EXIST', message: '订单不存在' } }
    expect(await jsonShop.query(newNumber())).toMatchObject(missing)
    expect(await jsonShop.queryId('4200000000000000000000000000')).toMatchObject(missing)
    expect(await stranger.query(outTradeNo)).toMatchObject(missing)
    expect(await stranger.queryId(transactionId)).toMatchObject(missing)
  })

  it('finds a number by its percent-encoded form, over which it was signed', async () => {
    const { jsonShop } = await openWithOrder({}, { out_trade_no: 'A|B*C_1-2' })
    expect((await jsonShop.query('A%7CB*C_1-2')).body).toMatchObject({ out_trade_no: 'A|B*C_1-2' })
  })

  it.each([
    ['out-trade-no/T0000001', 'query', '输入源“/query/mchid”映射到字段“直连商户号”必填性规则校验失败，此字段为必填项'],
    ['out-trade-no/T0000001?mchid=1', '', 'http header中的mchid与post payload中的mchid不匹配'],
    ['out-trade-no/T0000001?mchid=1&x=1', 'query', '参数中含有非法的额外参数'],
    [
      'out-trade-no/short?mchid=1',
      'uri_template',
      '输入源“/uri_template/out_trade_no”映射到值字段“商户订单号”字符串规则校验失败，字符数 5，小于最小值 6',
    ],
  ])('refuses %s', async (path, location, message) => {
    const { jsonShop } = await openBench()
    const { status, body } = await jsonShop.send('GET', `/v3/pay/transactions/${path}`)
    expect({ status, ...body }).toMatchObject({ status: 400, code: 'PARAM_ERROR', message, ...(location && { detail: { location } }) })
  })

  it('refuses an escape that is none', async () => {
    const { jsonShop } = await openBench()
    expect(await jsonShop.query('T00000%ZZ')).toMatchObject({
      status: 400,
      body: { code: 'PARAM_ERROR', detail: { location: 'uri_template' } },
    })
  })
})

describe('close', () => {
  it('answers 204 without a body, also the second time, and the order says CLOSED', async () => {
    const { jsonShop, outTradeNo, control } = await openWithOrder()
    for (const answer of [await jsonShop.close(outTradeNo), await jsonShop.close(outTradeNo)]) {
      const { status, text, headers } = answer
      expect({ status, text, type: headers.get('content-type') }).toEqual({ status: 204, text: '', type: null })
      expect(headers.get('wechatpay-signature')).not.toBeNull()
    }
    expect((await jsonShop.query(outTradeNo)).body).toMatchObject({ trade_state: 'CLOSED', trade_state_desc: '订单已关闭' })
    expect(await control.call('POST', 'pay', { outTradeNo })).toMatchObject({ status: 409 })
  })

  it('closes an order whose time is over', async () => {
    const { jsonShop, outTradeNo, control } = await openWithOrder()
    await control.advance(8 * 86_400_000)
    expect(await jsonShop.close(outTradeNo)).toMatchObject({ status: 204 })
    expect((await jsonShop.query(outTradeNo)).body).toMatchObject({ trade_state: 'CLOSED' })
  })

  it.each(['ORDERPAID', 'ORDER_PAID'] as const)('says %s of a paid order', async (paidCode) => {
    const { jsonShop, outTradeNo, control } = await openWithOrder({ switches: { paidCode } })
    await control.pay({ outTradeNo })
    expect(await jsonShop.close(outTradeNo)).toMatchObject({ status: 400, body: { code: paidCode } })
  })

  it('can be told to want five minutes of patience: 429 before', async () => {
    const { jsonShop, outTradeNo, control } = await openWithOrder({ switches: { closeAfterSeconds: 300 } })
    expect(await jsonShop.close(outTradeNo)).toMatchObject({ status: 429, body: { code: 'FREQUENCY_LIMITED' } })
    await control.advance(300_000)
    expect(await jsonShop.close(outTradeNo)).toMatchObject({ status: 204 })
  })

  it('of a number that was never used: 404, or (a switch) 204 and the number is burned', async () => {
    const { jsonShop } = await openBench()
    expect(await jsonShop.close('T0000001')).toMatchObject({ status: 404, body: { code: 'ORDER_NOT_EXIST' } })
    const burning = await openBench({ switches: { closeUnknownBurns: true } })
    expect(await burning.jsonShop.close('T0000001')).toMatchObject({ status: 204 })
    expect(await burning.jsonShop.create({ out_trade_no: 'T0000001' })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
    expect(await burning.jsonShop.query('T0000001')).toMatchObject({ status: 404 })
  })

  it.each([[{}], [{ mchid: '1' }], [{ mchid: 1 }], [{ mchid: '1', appid: 'x' }]])('refuses the body %j', async (body) => {
    const { jsonShop, outTradeNo } = await openWithOrder()
    expect(await jsonShop.close(outTradeNo, body)).toMatchObject({ status: 400, body: { code: 'PARAM_ERROR' } })
  })

  it('reaches an order that was placed over the other protocol', async () => {
    const { jsonShop, shop } = await openBench()
    await shop.create({ out_trade_no: 'T0000001' })
    expect(await jsonShop.close('T0000001')).toMatchObject({ status: 204 })
    expect(await shop.query('T0000001')).toMatchObject({ trade_state: 'CLOSED' })
  })
})
