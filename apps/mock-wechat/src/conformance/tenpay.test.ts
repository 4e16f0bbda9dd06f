import Payment from 'tenpay'
import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { openidAt } from '../testing/payers.ts'
import { openReceiver } from '../testing/receiver.ts'
import { newNumber } from '../testing/shop.ts'
import type { SignType } from '../v2/sign.ts'

type NativeContext = Parameters<ReturnType<Payment['middleware']>>[0]

async function openWithTenpay() {
  const bench = await openBench()
  const { appid, mchid, key, notifyUrl } = bench.settings
  const tenpay = new Payment({ appid, mchid, partnerKey: key, notify_url: notifyUrl })
  for (const [call, address] of Object.entries(tenpay.urls)) tenpay.urls[call] = address.replace('https://api.mch.weixin.qq.com', bench.url)
  return { ...bench, tenpay }
}

const order = (sign_type: SignType) => ({
  body: '青禾书店-《海图》 & more',
  attach: 'branch=7&till=<2>',
  out_trade_no: newNumber(),
  total_fee: 4580,
  trade_type: 'NATIVE',
  product_id: 'BOOK-0042',
  sign_type,
})

/** What tenpay's Koa middleware makes of a raw notice: the fields when it accepts, else the reply it would send. */
async function openNotice(tenpay: Payment, body: string) {
  const ctx: NativeContext = { request: { body } }
  let accepted = false
  await tenpay.middleware('pay')(ctx, () => {
    accepted = true
    return Promise.resolve()
  })
  return { accepted, fields: ctx.request.weixin, reply: ctx.body }
}

describe.each<SignType>(['MD5', 'HMAC-SHA256'])('tenpay with %s', (signType) => {
  it('creates, queries and closes, and verifies every answer', async () => {
    const { tenpay } = await openWithTenpay()
    const wanted = order(signType)
    await expect(tenpay.unifiedOrder(wanted)).resolves.toMatchObject({ trade_type: 'NATIVE', code_url: expect.stringMatching(/^weixin:/) })
    const same = { out_trade_no: wanted.out_trade_no, sign_type: signType }
    await expect(tenpay.orderQuery(same)).resolves.toMatchObject({ trade_state: 'NOTPAY', total_fee: '4580', attach: wanted.attach })
    await expect(tenpay.closeOrder(same)).resolves.toMatchObject({ result_code: 'SUCCESS' })
    await expect(tenpay.closeOrder(same)).rejects.toThrow('ORDERCLOSED')
  })
})

describe('a payment notice', () => {
  it('is verified by tenpay when the order was placed with MD5', async () => {
    const { tenpay, control, receiver } = await openWithTenpay()
    const wanted = order('MD5')
    await tenpay.unifiedOrder(wanted)
    await control.pay({ outTradeNo: wanted.out_trade_no, couponFen: 500 })
    await receiver.received(1)
    const { accepted, fields } = await openNotice(tenpay, receiver.bodies[0] ?? '')
    expect(accepted).toBe(true)
    expect(fields).toMatchObject({
      out_trade_no: wanted.out_trade_no,
      total_fee: '4580',
      cash_fee: '4080',
      coupon_fee_0: '500',
      attach: wanted.attach,
    })
    await expect(tenpay.orderQuery({ transaction_id: fields?.['transaction_id'] ?? '' })).resolves.toMatchObject({
      trade_state: 'SUCCESS',
      cash_fee: '4080',
    })
  })

  it('is refused by tenpay when one field was forged', async () => {
    const { tenpay, control, receiver } = await openWithTenpay()
    const wanted = order('MD5')
    await tenpay.unifiedOrder(wanted)
    await control.fault({ on: 'notice', kind: 'forged', field: 'total_fee', value: '1' })
    await control.pay({ outTradeNo: wanted.out_trade_no })
    await receiver.received(1)
    const { accepted, reply } = await openNotice(tenpay, receiver.bodies[0] ?? '')
    expect(accepted).toBe(false)
    expect(reply).toContain('FAIL')
  })
})

describe.each<SignType>(['MD5', 'HMAC-SHA256'])('tenpay with %s inside WeChat', (sign_type) => {
  it('creates a JSAPI order, and what it signs brings up the payment sheet', async () => {
    const { tenpay, merchant, control } = await openWithTenpay()
    const { product_id: _, trade_type: _type, ...wanted } = order(sign_type)
    const values = await tenpay.getPayParams({ ...wanted, openid: openidAt(merchant) })
    const { json } = await control.call('POST', 'bridge/pay', values)
    expect(json).toMatchObject({ state: 'sheet', outTradeNo: wanted.out_trade_no, amountFen: 4580 })
    expect(await control.call('POST', 'bridge/pay', { ...values, nonceStr: 'x' })).toMatchObject({ json: { code: 'wrong_signature' } })
  })

  it('creates an H5 order', async () => {
    const { tenpay, url } = await openWithTenpay()
    const scene_info = JSON.stringify({ h5_info: { type: 'Wap', wap_url: 'https://m.qinghe.example', wap_name: '青禾书店' } })
    const { mweb_url } = await tenpay.unifiedOrder({ ...order(sign_type), trade_type: 'MWEB', scene_info })
    expect(mweb_url).toMatch(new RegExp(`^${url}/`))
  })
})

describe('tenpay sells printed products', () => {
  /** A shop whose callback is tenpay's middleware; `answer` replies through it. */
  async function openShop(answer: (ctx: NativeContext, bench: Awaited<ReturnType<typeof openWithTenpay>>) => Promise<void>) {
    const bench = await openWithTenpay()
    const callback = await openReceiver((response, body) => {
      const ctx: NativeContext = { request: { body } }
      void bench.tenpay
        .middleware('nativePay')(ctx, () => answer(ctx, bench))
        .then(() => response.end(ctx.body))
    })
    await bench.control.call('POST', 'accounts', { mchid: bench.merchant.mchid, scanUrl: callback.url })
    const codeUrl = bench.tenpay.getNativeUrl({ product_id: '茶 & 书 0042' })
    return { ...bench, callback, scan: async () => (await bench.control.call('POST', 'scan', { codeUrl })).json }
  }

  const sell: Parameters<typeof openShop>[0] = async (ctx, { tenpay }) => {
    const { product_id = '', openid = '' } = ctx.request.weixin ?? {}
    const { prepay_id = '' } = await tenpay.unifiedOrder({ ...order('MD5'), product_id, openid })
    ctx.replyNative?.(prepay_id)
  }

  it('its code is scanned, its middleware verifies who asks, and its reply shows the sheet', async () => {
    const { scan, control } = await openShop(sell)
    const sheet = await scan()
    expect(sheet).toMatchObject({ prepayId: expect.stringMatching(/^wx/), amountFen: 4580 })
    expect(await control.trades()).toMatchObject([{ tradeType: 'NATIVE', state: 'NOTPAY' }])
  })

  it('its refusal reaches the payer in its own words', async () => {
    const { scan } = await openShop((ctx) => Promise.resolve(ctx.replyNative?.('', '该商品已下架')))
    expect(await scan()).toEqual({ declined: '该商品已下架' })
  })

  it('its middleware refuses a forged call', async () => {
    const { scan, control } = await openShop(sell)
    await control.fault({ on: 'scan', kind: 'forged', field: 'product_id', value: 'GOLD' })
    expect(await scan()).toEqual({ error: '商户后台返回的数据字段结构不合法' })
    expect(await control.trades()).toEqual([])
  })
})
