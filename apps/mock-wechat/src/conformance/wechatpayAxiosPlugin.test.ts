import { Decorator, Formatter, Hash, Transformer } from 'wechatpay-axios-plugin'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBench } from '../testing/bench.ts'
import { newNumber } from '../testing/shop.ts'
import type { SignType } from '../v2/sign.ts'

const Fields = z.record(z.string(), z.string())
type Fields = z.infer<typeof Fields>

/** Its v2 client: signs every request, verifies every answer and throws when the signature does not fit. */
async function openWithPlugin() {
  const bench = await openBench()
  const { mchid, appid, key, notifyUrl } = bench.settings
  const settings = { mchid, secret: key, baseURL: `${bench.url}/` }
  const client = Decorator.xmlBased(settings)
  const call = async (name: string, fields: Fields) => Fields.parse((await client.post<unknown>(`pay/${name}`, fields)).data)
  const envelope = (sign_type: SignType): Fields => ({ mch_id: mchid, appid, sign_type })
  const order = (sign_type: SignType): Fields => ({
    ...envelope(sign_type),
    body: '青禾书店-《海图》 & more',
    attach: 'branch=7&till=<2>',
    out_trade_no: newNumber(),
    total_fee: '4580',
    spbill_create_ip: '127.0.0.1',
    notify_url: notifyUrl,
    trade_type: 'NATIVE',
    product_id: 'BOOK-0042',
  })
  return { ...bench, call, order, envelope }
}

describe.each<SignType>(['MD5', 'HMAC-SHA256'])('wechatpay-axios-plugin with %s', (signType) => {
  it('creates, queries and closes, and verifies every answer', async () => {
    const { call, order, envelope } = await openWithPlugin()
    const wanted = order(signType)
    expect(await call('unifiedorder', wanted)).toMatchObject({ code_url: expect.stringMatching(/^weixin:/) })
    const same = { ...envelope(signType), out_trade_no: wanted['out_trade_no'] ?? '' }
    expect(await call('orderquery', same)).toMatchObject({ trade_state: 'NOTPAY', total_fee: '4580', attach: wanted['attach'] })
    expect(await call('closeorder', same)).toMatchObject({ result_code: 'SUCCESS' })
    await expect(call('closeorder', same)).rejects.toThrow()
  })

  it('verifies the notice, also with fields that it has never seen', async () => {
    const { call, order, control, receiver, shop } = await openWithPlugin()
    const wanted = order(signType)
    await call('unifiedorder', wanted)
    await control.fault({ on: 'notice', kind: 'unknown-fields' })
    await control.pay({ outTradeNo: wanted['out_trade_no'], couponFen: 500 })
    await receiver.received(1)
    const notice = Fields.parse(Transformer.toObject(receiver.bodies[0] ?? ''))
    expect(Hash.sign(signType, notice, shop.key)).toBe(notice['sign'])
    expect(Formatter.queryStringLike(Formatter.ksort(notice))).toContain('future_field_x=keep-me')
    expect(notice).toMatchObject({ out_trade_no: wanted['out_trade_no'], total_fee: '4580', coupon_fee: '500', attach: wanted['attach'] })
  })

  it('does not take a wrongly signed answer or notice', async () => {
    const { call, order, control, receiver, shop } = await openWithPlugin()
    const wanted = order(signType)
    await control.fault({ on: '*', kind: 'wrong-signature' })
    await expect(call('unifiedorder', wanted)).rejects.toThrow()
    await control.pay({ outTradeNo: wanted['out_trade_no'] })
    await receiver.received(1)
    const notice = Fields.parse(Transformer.toObject(receiver.bodies[0] ?? ''))
    expect(Hash.sign(signType, notice, shop.key)).not.toBe(notice['sign'])
  })
})
