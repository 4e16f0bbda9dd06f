import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toFen } from '../../money.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { v3 } from '../../testing/v3.ts'
import { readAccount } from '../account.ts'
import { WechatRefusedError, WechatUnknownOutcomeError } from '../errors.ts'
import type { PrepayRequest } from '../port.ts'
import type { Answer } from './call.ts'
import type { Ask } from './exchange.ts'
import { prepay } from './prepay.ts'

const { keys } = v3
const miniProgramId = 'wx0b2c3d4e5f607182'
const openId = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const facts = {
  outTradeNo: 'ORDER20260101000002',
  description: 'Order 0002',
  totalFen: toFen(100),
  expiresAt: new Date('2026-01-01T00:30:00Z'),
  notifyUrl: 'https://shop.example.com/wechatpay/notify',
  clientIp: '203.0.113.51',
}
const native: PrepayRequest = { ...facts, tradeType: 'native' }
const jsapi: PrepayRequest = { ...facts, tradeType: 'jsapi', appId: keys.appid, openId }
const h5: PrepayRequest = { ...facts, tradeType: 'h5', device: 'iOS' }

const vector = v3.bring_up[0]
const prepayId = 'wx010801401234567890abcdef1234560000'

/** The merchant of the vectors, at their moment, answered without a network. */
function bench(answer: Record<string, unknown>) {
  const sent: Ask[] = []
  const trace = { raw: JSON.stringify(answer), requestId: '08F5B8C2B506-0' }
  const told: Answer =
    typeof answer['code'] === 'string' && typeof answer['description'] === 'string'
      ? { result: 'refused', code: answer['code'], description: answer['description'], ...trace }
      : { result: 'done', json: { ...answer }, ...trace }
  return {
    call: (ask: Ask) => {
      sent.push(ask)
      return Promise.resolve(told)
    },
    account: readAccount({ appId: keys.appid, mchId: keys.mchid, otherAppIds: [miniProgramId] }),
    privateKey: createPrivateKey(keys.merchant.private_key_pem),
    nonce: () => '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
    now: () => 1_767_225_700_999,
    sent,
    bodies: () => sent.map(({ body }): unknown => JSON.parse(body ?? '')),
  }
}

const common = {
  appid: keys.appid,
  mchid: keys.mchid,
  description: 'Order 0002',
  out_trade_no: 'ORDER20260101000002',
  time_expire: '2026-01-01T08:30:00+08:00',
  notify_url: 'https://shop.example.com/wechatpay/notify',
  amount: { total: 100, currency: 'CNY' },
}

describe('a prepay inside WeChat', () => {
  it('names the payer, and hands on the prepay id and what opens the payment: the vector’s', async () => {
    const parts = bench({ prepay_id: prepayId })
    expect(await prepay(parts, jsapi)).toEqual({
      action: { tradeType: 'jsapi', invoke: vector?.params },
      prepayId,
      raw: JSON.stringify({ prepay_id: prepayId }),
      requestId: '08F5B8C2B506-0',
    })
    expect(parts.sent).toMatchObject([{ method: 'POST', path: '/v3/pay/transactions/jsapi' }])
    expect(parts.bodies()).toEqual([{ ...common, payer: { openid: openId } }])
  })

  it('has the body of the vector, but for the end of its time', async () => {
    const parts = bench({ prepay_id: prepayId })
    await prepay(parts, jsapi)
    const documented = v3.request_signing.find(({ name }) => name === 'jsapi_prepay')
    expect(parts.bodies()).toEqual([{ ...JSON.parse(documented?.body ?? ''), time_expire: '2026-01-01T08:30:00+08:00' }])
    expect(parts.sent[0]?.path).toBe(documented?.url)
  })

  it('of the mini program names its appid, in the create and in what is signed', async () => {
    const parts = bench({ prepay_id: prepayId })
    const { action } = await prepay(parts, { ...jsapi, appId: miniProgramId })
    expect(parts.bodies()).toEqual([{ ...common, appid: miniProgramId, payer: { openid: openId } }])
    expect(action).toMatchObject({ invoke: { appId: miniProgramId } })
    expect(action).not.toMatchObject({ invoke: { paySign: vector?.params.paySign } })
  })

  it('is unknown without a prepay id', async () => {
    expect(await errorOf(prepay(bench({ code_url: 'weixin://' }), jsapi))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

describe('a prepay in a phone’s browser', () => {
  const url = 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2016121516420242444321ca0631331346&package=1405458241'

  it.each(['iOS', 'Android', 'Wap'] as const)(
    'names the payer’s address and the kind of device, %s, and hands on the page',
    async (device) => {
      const parts = bench({ h5_url: url })
      expect(await prepay(parts, { ...h5, device })).toMatchObject({ action: { tradeType: 'h5', url } })
      expect(parts.sent).toMatchObject([{ method: 'POST', path: '/v3/pay/transactions/h5' }])
      expect(parts.bodies()).toEqual([{ ...common, scene_info: { payer_client_ip: '203.0.113.51', h5_info: { type: device } } }])
    },
  )

  it('is unknown without the page', async () => {
    expect(await errorOf(prepay(bench({}), h5))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

describe('a prepay of any trade type', () => {
  const opener = { code_url: 'weixin://wxpay/bizpayurl?pr=JyC91EIz1', prepay_id: prepayId, h5_url: 'https://wx.tenpay.com/' }

  it.each([native, jsapi, h5])('R4 that is repeated sends the same bytes: $tradeType', async (request) => {
    const parts = bench(opener)
    await prepay(parts, request)
    await prepay(parts, structuredClone(request))
    expect(parts.sent[1]).toEqual(parts.sent[0])
  })

  it.each([native, jsapi, h5])('R4 tells when its number is in use, which is to be queried: $tradeType', async (request) => {
    const inUse = bench({ code: 'INVALID_REQUEST', description: '请求重入时，参数与首次请求时不一致' })
    const error = await errorOf(prepay(inUse, request))
    expect(error).toBeInstanceOf(WechatRefusedError)
    expect(error).toMatchObject({ meaning: 'number-in-use', requestId: '08F5B8C2B506-0' })
    expect(await errorOf(prepay(bench({ code: 'ORDERPAID', description: '该订单已支付' }), request))).toMatchObject({ meaning: 'paid' })
  })
})
