import Payment from 'tenpay'
import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { newNumber } from '../testing/shop.ts'
import type { SignType } from '../v2/sign.ts'

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
  const ctx: Parameters<ReturnType<Payment['middleware']>>[0] = { request: { body } }
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
