import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { newNumber } from '../testing/shop.ts'

const at = (ms: number) => new Date(Date.now() + ms).toISOString()
const codeUrl = /^weixin:\/\/wxpay\/bizpayurl\?pr=\w{9}$/

describe('POST /v3/pay/transactions/native', () => {
  it('answers a code, and WeChat’s ledger has the trade', async () => {
    const { jsonShop, control, receiver, merchant } = await openBench()
    const outTradeNo = newNumber()
    const answer = await jsonShop.create({
      out_trade_no: outTradeNo,
      attach: 'uid=42',
      scene_info: { payer_client_ip: '127.0.0.1', device_id: 'till-2' },
    })
    expect(answer).toMatchObject({ status: 200, body: { code_url: expect.stringMatching(codeUrl) } })
    expect(await control.trades()).toMatchObject([
      {
        protocol: 'v3',
        outTradeNo,
        mchid: merchant.mchid,
        amountFen: 4580,
        attach: 'uid=42',
        state: 'NOTPAY',
        codeUrl: answer.body['code_url'],
        notifyUrl: receiver.url,
      },
    ])
  })

  it('takes everything that the table lists', async () => {
    const { jsonShop } = await openBench()
    const goods = { merchant_goods_id: 'BOOK-42', wechatpay_goods_id: '1', goods_name: '海图', quantity: 1, unit_price: 4580 }
    const answer = await jsonShop.create({
      time_expire: at(900_000),
      goods_tag: 'WXG',
      support_fapiao: false,
      limit_pay: ['no_credit'],
      detail: { cost_price: 4580, invoice_id: 'B42', goods_detail: [goods] },
      scene_info: { payer_client_ip: '::1', store_info: { id: '1', name: '总店', area_code: '440305', address: '深圳' } },
      settle_info: { profit_sharing: false },
    })
    expect(answer).toMatchObject({ status: 200 })
  })

  const required = (pointer: string, label: string) => ({
    code: 'PARAM_ERROR',
    message: `输入源“/body/${pointer}”映射到字段“${label}”必填性规则校验失败，此字段为必填项`,
    detail: { location: 'body', value: '' },
  })
  it.each([
    ['appid', '公众账号ID'],
    ['mchid', '直连商户号'],
    ['description', '商品描述'],
    ['out_trade_no', '商户订单号'],
    ['notify_url', '商户回调地址'],
    ['amount', '订单金额'],
  ])('wants %s', async (field, label) => {
    const { jsonShop } = await openBench()
    const answer = await jsonShop.create({ [field]: undefined })
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 400, body: required(field, label) })
  })

  const value = (pointer: string, label: string, rule: string, shown: unknown) => ({
    code: 'PARAM_ERROR',
    message: `输入源“/body/${pointer}”映射到值字段“${label}”${rule}`,
    detail: { location: 'body', value: shown },
  })
  const pattern = String.raw`字符串规则校验失败，字符串必须匹配正则表达式“^[0-9a-zA-Z_\-\|\*]+$”`
  it.each([
    [{ out_trade_no: '订单号' }, value('out_trade_no', '商户订单号', pattern, '订单号')],
    [{ out_trade_no: 'x'.repeat(35) }, value('out_trade_no', '商户订单号', '字符串规则校验失败，字节数 35，大于最大值 32', 35)],
    [{ out_trade_no: 'short' }, value('out_trade_no', '商户订单号', '字符串规则校验失败，字符数 5，小于最小值 6', 5)],
    [{ description: '' }, value('description', '商品描述', '字符串规则校验失败，字符数 0，小于最小值 1', 0)],
    [{ description: '海'.repeat(43) }, value('description', '商品描述', '字符串规则校验失败，字节数 129，大于最大值 127', 129)],
    [{ description: 'a 🧭' }, value('description', '商品描述', '字符串规则校验失败，不支持四字节字符', 'a 🧭')],
    [{ attach: 'x'.repeat(129) }, value('attach', '商户数据包', '字符串规则校验失败，字节数 129，大于最大值 128', 129)],
    [{ amount: { total: 0 } }, value('amount/total', '总金额', '整数规则校验失败，值 0，小于最小值 1', 0)],
    [{ amount: {} }, required('amount/total', '总金额')],
    [{ scene_info: {} }, required('scene_info/payer_client_ip', '用户终端IP')],
    [{ detail: { goods_detail: [{ merchant_goods_id: 'a', quantity: 1 }] } }, required('detail/goods_detail/0/unit_price', '商品单价')],
    [
      { amount: { total: 1, currency: 'XYZ' } },
      {
        code: 'PARAM_ERROR',
        message: '参数错误',
        detail: { field: '/amount/currency', value: 'XYZ', issue: 'Currency code is invalid', location: 'body' },
      },
    ],
  ])('refuses %j', async (more, body) => {
    const { jsonShop } = await openBench()
    const answer = await jsonShop.create(more)
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 400, body })
  })

  it.each([
    { amount: { total: 1.5 } },
    { amount: { total: '4580' } },
    { amount: null },
    { attach: null },
    { support_fapiao: 'true' },
    { limit_pay: ['no_cash'] },
    { limit_pay: [] },
    { time_expire: '20260101080000' },
    { time_expire: '2026-13-41T08:00:00+08:00' },
    { notify_url: 'https://shop.example/notices?x=1' },
    { notify_url: 'shop.example' },
    { notify_url: 'http://shop.example/notices' },
    { notify_url: 'https://a:b@shop.example/notices' },
    { total_fee: 1 },
    { payer: { openid: 'o1' } },
    { amount: { total: 1, payer_total: 1 } },
  ])('refuses %j as PARAM_ERROR', async (more) => {
    const { jsonShop, control } = await openBench()
    expect(await jsonShop.create(more)).toMatchObject({ status: 400, body: { code: 'PARAM_ERROR' } })
    expect(await control.trades()).toEqual([])
  })

  it('refuses an appid of another merchant, and a product that nobody has', async () => {
    const { jsonShop, other } = await openBench()
    expect(await jsonShop.create({ appid: other.appids[0] })).toMatchObject({ status: 400, body: { code: 'APPID_MCHID_NOT_MATCH' } })
    expect(await jsonShop.create({ settle_info: { profit_sharing: true } })).toMatchObject({ status: 403, body: { code: 'NO_AUTH' } })
  })
})

describe('time_expire', () => {
  const frozen = Date.now()
  it.each([
    ['a minute, when it is nearer or past', at(-5_000), 60_000],
    ['15 days, when it is later', at(20 * 86_400_000), 15 * 86_400_000],
    ['7 days, when it is missing', undefined, 7 * 86_400_000],
  ])('gives %s', async (_what, time_expire, lifeMs) => {
    const { jsonShop, control } = await openBench({ realNow: () => frozen })
    await jsonShop.create({ time_expire })
    expect(await control.trades()).toMatchObject([{ remainingMs: lifeMs }])
  })
})

describe('the same number again', () => {
  it('with the same parameters, in any order: a fresh code, and the older one is dead', async () => {
    const { jsonShop, control } = await openBench()
    const order = jsonShop.order()
    const first = await jsonShop.create(order)
    const reordered = Object.fromEntries(Object.entries({ ...order, amount: { currency: 'CNY', total: 4580 } }).toReversed())
    const second = await jsonShop.send('POST', '/v3/pay/transactions/native', JSON.stringify(reordered))
    expect(second.status).toBe(200)
    expect(second.body['code_url']).not.toBe(first.body['code_url'])
    expect(await control.call('POST', 'scan', { codeUrl: first.body['code_url'] })).toMatchObject({
      status: 409,
      json: { code: 'expired' },
    })
    expect(await control.call('POST', 'scan', { codeUrl: second.body['code_url'] })).toMatchObject({ status: 200 })
    expect(await control.trades()).toHaveLength(1)
  })

  it.each([
    ['INVALID_REQUEST', 400, '请求重入时，参数与首次请求时不一致'],
    ['OUT_TRADE_NO_USED', 403, '商户订单号重复'],
  ] as const)('with other parameters: %s', async (numberInUse, status, message) => {
    const { jsonShop } = await openBench({ switches: { numberInUse } })
    const order = jsonShop.order()
    await jsonShop.create(order)
    for (const change of [{ amount: { total: 4581, currency: 'CNY' } }, { amount: { total: 4580 } }, { attach: 'x' }]) {
      expect(await jsonShop.create({ ...order, ...change })).toMatchObject({ status, body: { code: numberInUse, message } })
    }
  })

  it.each(['ORDERPAID', 'ORDER_PAID'] as const)('of a paid order: 400 %s', async (paidCode) => {
    const { jsonShop, control } = await openBench({ switches: { paidCode } })
    const order = jsonShop.order()
    await jsonShop.create(order)
    await control.pay({ outTradeNo: order.out_trade_no })
    expect(await jsonShop.create(order)).toMatchObject({ status: 400, body: { code: paidCode, message: '该订单已支付' } })
  })

  it('of a closed order: 400 ORDER_CLOSED', async () => {
    const { jsonShop } = await openBench()
    const order = jsonShop.order()
    await jsonShop.create(order)
    await jsonShop.close(order.out_trade_no)
    expect(await jsonShop.create(order)).toMatchObject({ status: 400, body: { code: 'ORDER_CLOSED', message: '该订单已关闭' } })
  })

  it('over the other protocol: one merchant has one order book', async () => {
    const { jsonShop, shop } = await openBench()
    const [first, second] = [newNumber(), newNumber()]
    await shop.create({ out_trade_no: first })
    expect(await jsonShop.create({ out_trade_no: first })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
    await jsonShop.create({ out_trade_no: second })
    expect(await shop.create({ out_trade_no: second })).toMatchObject({ err_code: 'INVALID_REQUEST' })
    expect(await shop.query(second)).toMatchObject({ trade_state: 'NOTPAY', total_fee: '4580' })
    expect((await jsonShop.query(first)).body).toMatchObject({ trade_state: 'NOTPAY', amount: { total: 4580 } })
  })
})
