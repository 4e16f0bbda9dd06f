import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBench } from '../testing/bench.ts'
import { openidAt } from '../testing/payers.ts'
import { newNumber } from '../testing/shop.ts'
import { sign, type SignType } from '../v2/sign.ts'
import { signText } from '../v3/sign.ts'
import { bringUpText } from './bringUp.ts'

const PrepayId = z.string().regex(/^wx\w{34}$/)
const nonceStr = '5K8264ILTKCH16CQ2502SI8ZNMTM67VS'
const timeStamp = String(Math.floor(Date.now() / 1000))

type Bench = Awaited<ReturnType<typeof openBench>>

/** A JSAPI order, and the six values that bring it up. */
async function v3Order(bench: Bench, kind: 'official-account' | 'mini-program' = 'official-account') {
  const { jsonShop, merchant } = bench
  const appId = merchant.accounts.find((account) => account.kind === kind)?.appid ?? ''
  const outTradeNo = newNumber()
  const payer = { openid: openidAt(merchant, kind) }
  const answer = await jsonShop.start('jsapi', { appid: appId, out_trade_no: outTradeNo, payer })
  const prepayId = PrepayId.parse(answer.body['prepay_id'])
  const signed = { appId, timeStamp, nonceStr, package: `prepay_id=${prepayId}` }
  const values = { ...signed, signType: 'RSA', paySign: signText(bringUpText(signed), merchant.merchantPrivateKey) }
  return { outTradeNo, prepayId, values }
}

async function v2Order({ shop, merchant }: Bench, signType: SignType) {
  const outTradeNo = newNumber()
  const order = { out_trade_no: outTradeNo, trade_type: 'JSAPI', product_id: undefined, openid: openidAt(merchant) }
  const prepayId = PrepayId.parse((await shop.create(order))['prepay_id'])
  const signed = { appId: shop.appid, timeStamp, nonceStr, package: `prepay_id=${prepayId}`, signType }
  return { outTradeNo, prepayId, values: { ...signed, paySign: sign(new Map(Object.entries(signed)), shop.key, signType) } }
}

const bringUp = ({ control }: Bench, values: object) => control.call('POST', 'bridge/pay', values)

describe('bringing a payment up', () => {
  it('of v3 shows the payment sheet; paying it settles the trade as JSAPI by the payer of the create', async () => {
    const bench = await openBench()
    const { outTradeNo, prepayId, values } = await v3Order(bench)
    expect(await bringUp(bench, values)).toEqual({
      status: 200,
      json: { state: 'sheet', prepayId, merchant: bench.merchant.name, description: '青禾书店-《海图》', amountFen: 4580, outTradeNo },
    })
    await bench.control.pay({ prepayId })
    expect((await bench.jsonShop.query(outTradeNo)).body).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'JSAPI',
      payer: { openid: openidAt(bench.merchant) },
    })
    expect(await bringUp(bench, values)).toMatchObject({ status: 409, json: { code: 'paid', message: '该订单已支付' } })
  })

  it.each<SignType>(['MD5', 'HMAC-SHA256'])('of v2 is signed as its create was: %s', async (signType) => {
    const bench = await openBench({ signType })
    const { outTradeNo, prepayId, values } = await v2Order(bench, signType)
    expect(await bringUp(bench, values)).toMatchObject({ status: 200, json: { state: 'sheet', prepayId } })
    await bench.control.pay({ prepayId })
    await bench.receiver.received(1)
    expect(bench.receiver.bodies[0]).toContain('<trade_type><![CDATA[JSAPI]]></trade_type>')
    expect(await bench.shop.query(outTradeNo)).toMatchObject({ trade_type: 'JSAPI', openid: openidAt(bench.merchant) })
  })

  it('of v2 with the other algorithm than the create’s is refused', async () => {
    const bench = await openBench({ signType: 'HMAC-SHA256' })
    const { values } = await v2Order(bench, 'HMAC-SHA256')
    const other = { ...values, signType: 'MD5' }
    const { paySign: _, ...signed } = other
    const paySign = sign(new Map(Object.entries(signed)), bench.shop.key, 'MD5')
    expect(await bringUp(bench, { ...other, paySign })).toMatchObject({ status: 409, json: { message: '支付验证签名失败' } })
  })

  it('from a mini program signs an appId that it does not say', async () => {
    const bench = await openBench()
    const { prepayId, values } = await v3Order(bench, 'mini-program')
    const { appId: miniProgramAppId, ...rest } = values
    expect(await bringUp(bench, { ...rest, miniProgramAppId })).toMatchObject({ status: 200, json: { prepayId } })
    expect(await bringUp(bench, { ...rest, miniProgramAppId: bench.merchant.appids[0] })).toMatchObject({
      status: 409,
      json: { code: 'other_appid' },
    })
    expect(await bringUp(bench, { ...values, miniProgramAppId })).toMatchObject({ status: 400, json: { code: 'invalid' } })
  })

  it.each(['appId', 'timeStamp', 'nonceStr', 'package', 'signType', 'paySign'])('wants %s, as a text', async (name) => {
    const bench = await openBench()
    const { values } = await v3Order(bench)
    const refused = { status: 400, json: { code: 'missing_parameter', message: `调用支付JSAPI缺少参数: ${name}` } }
    for (const wrong of [undefined, '', 1772331305]) expect(await bringUp(bench, { ...values, [name]: wrong })).toEqual(refused)
  })

  it.each([
    [{ appId: 'wx0123456789abcdef' }, 404, 'unknown_appid', '商家参数格式有误'],
    [{ timeStamp: String(Date.now()) }, 400, 'bad_parameter', '商家参数格式有误'],
    [{ timeStamp: '1767225601' }, 409, 'wrong_signature', '支付验证签名失败'],
    [{ nonceStr: 'other' }, 409, 'wrong_signature', '支付验证签名失败'],
    [{ signType: 'MD5' }, 409, 'wrong_signature', '支付验证签名失败'],
    [{ paySign: 'AAAA' }, 409, 'wrong_signature', '支付验证签名失败'],
    [{ package: 'prepay_id=prepay_id=wx1' }, 400, 'bad_package', '缺少参数:total_fee'],
    [{ package: `prepay_id=wx${'0'.repeat(34)}` }, 404, 'unknown_prepay_id', '缺少参数:total_fee'],
    [{ openid: 'friend' }, 409, 'other_payer', '下单账号与支付账号不一致'],
    [{ openid: 'nobody' }, 409, 'other_payer', '下单账号与支付账号不一致'],
  ])('with %j is refused, and the reason is kept', async (changed, status, code, message) => {
    const bench = await openBench()
    const { values } = await v3Order(bench)
    expect(await bringUp(bench, { ...values, ...changed })).toEqual({ status, json: { code, message } })
    const { json } = await bench.control.call('GET', 'refusals')
    expect(json).toMatchObject({ items: [{ endpoint: 'getBrandWCPayRequest', answer: `${code} ${message}` }] })
  })

  it('is too late after two hours, after a newer prepay id, and once the trade is closed', async () => {
    const bench = await openBench()
    const old = await v3Order(bench)
    await bench.control.advance(7_200_000)
    expect(await bringUp(bench, old.values)).toMatchObject({ status: 409, json: { code: 'expired', message: '缺少参数:total_fee' } })
    const replaced = await v3Order(bench)
    const order = { out_trade_no: replaced.outTradeNo, payer: { openid: openidAt(bench.merchant) } }
    const again = await bench.jsonShop.start('jsapi', order)
    expect(again.body['prepay_id']).not.toBe(replaced.prepayId)
    expect(await bringUp(bench, replaced.values)).toMatchObject({ status: 409, json: { code: 'expired' } })
    await bench.jsonShop.close(replaced.outTradeNo)
    expect(await bringUp(bench, replaced.values)).toMatchObject({ status: 409, json: { code: 'closed' } })
  })

  it('does not work with the prepay id of a QR code', async () => {
    const bench = await openBench()
    const prepayId = (await bench.shop.create())['prepay_id'] ?? ''
    const values = { appId: bench.shop.appid, timeStamp, nonceStr, package: `prepay_id=${prepayId}`, signType: 'MD5', paySign: 'A' }
    expect(await bringUp(bench, values)).toMatchObject({ status: 409, json: { code: 'other_trade_type' } })
  })

  it('answers pages of this machine on any port, and no others', async () => {
    const { url } = await openBench()
    const ask = (origin: string) =>
      fetch(`${url}/_control/bridge/pay`, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: '{}' })
    const near = await ask('http://localhost:3000')
    expect([near.status, near.headers.get('access-control-allow-origin')]).toEqual([400, 'http://localhost:3000'])
    expect((await ask('https://shop.example')).status).toBe(403)
    expect((await ask('http://127.0.0.1.shop.example')).status).toBe(403)
  })
})

describe('the payer at the sheet', () => {
  it('cannot be somebody else than the create named', async () => {
    const bench = await openBench()
    const { prepayId } = await v3Order(bench)
    const other = openidAt(bench.merchant, 'official-account', 'friend')
    expect(await bench.control.call('POST', 'pay', { prepayId, openid: other })).toMatchObject({
      status: 409,
      json: { code: 'other_payer', message: '下单账号与支付账号不一致' },
    })
  })

  it('may type a wrong password, leave, and pay after all', async () => {
    const bench = await openBench()
    const { prepayId } = await v3Order(bench)
    expect((await bench.control.call('POST', 'scan', { prepayId })).json).toMatchObject({ amountFen: 4580 })
    await bench.control.call('POST', 'fail', { prepayId })
    expect((await bench.control.call('POST', 'cancel', { prepayId })).json).toMatchObject({
      state: 'NOTPAY',
      declines: [{ reason: 'wrong-password' }, { reason: 'cancelled' }],
    })
    await bench.control.pay({ prepayId })
  })

  it.each([
    ['ok', 'ok', 'SUCCESS'],
    ['cancel', 'cancel', 'NOTPAY'],
    ['fail', 'fail', 'NOTPAY'],
    ['ok-although-unpaid', 'ok', 'NOTPAY'],
    ['fail-although-paid', 'fail', 'SUCCESS'],
  ])('%s: the page hears %s, and the ledger says %s', async (choice, heard, state) => {
    const bench = await openBench()
    const { prepayId } = await v3Order(bench)
    expect((await bench.control.call('POST', 'bridge/confirm', { prepayId, choice })).json).toEqual({
      errMsg: `get_brand_wcpay_request:${heard}`,
    })
    expect(await bench.control.trades()).toMatchObject([{ state }])
  })

  it('ok-without-notice: the money has moved, and the message of it is lost every time', async () => {
    const bench = await openBench()
    const { prepayId } = await v3Order(bench)
    await bench.control.call('POST', 'bridge/confirm', { prepayId, choice: 'ok-without-notice' })
    await bench.control.advance(86_400_000)
    expect(bench.receiver.bodies).toEqual([])
    expect(await bench.control.trades()).toMatchObject([{ state: 'SUCCESS' }])
  })

  it('is told off for a prepay id that nobody has, or that is paid', async () => {
    const bench = await openBench()
    const { prepayId } = await v3Order(bench)
    await bench.control.pay({ prepayId })
    const confirm = (id: string) => bench.control.call('POST', 'bridge/confirm', { prepayId: id, choice: 'ok' })
    expect([await confirm(prepayId), await confirm('wx0')]).toMatchObject([
      { status: 409, json: { code: 'paid' } },
      { status: 404, json: { code: 'unknown' } },
    ])
  })
})

describe('client.js', () => {
  it('is a script that knows where the mock is', async () => {
    const { url } = await openBench()
    const response = await fetch(`${url}/_control/bridge/client.js`)
    const script = await response.text()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
    expect(script).toContain(`const mock = "${url}"`)
  })
})
