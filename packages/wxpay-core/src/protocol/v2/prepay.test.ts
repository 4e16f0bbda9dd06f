import { describe, expect, it } from 'vitest'
import { toFen } from '../../money.ts'
import { callBench, miniProgramId } from '../../testing/callV2.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { answerParts, signedMessage, type Parts } from '../../testing/message.ts'
import { WechatUnknownOutcomeError } from '../errors.ts'
import type { PrepayRequest } from '../port.ts'
import { prepay } from './prepay.ts'
import { readXml } from './xml.ts'

const facts = {
  outTradeNo: 'QH20260301000018',
  description: '青禾书店-《海图》',
  totalFen: toFen(4580),
  expiresAt: new Date('2026-03-01T02:45:00Z'),
  notifyUrl: 'https://pay.qinghe.example/wx/v2/notify',
  clientIp: '2001:db8::51',
}
const openId = 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc'
const native: PrepayRequest = { ...facts, tradeType: 'native' }
const jsapi: PrepayRequest = { ...facts, tradeType: 'jsapi', appId: merchant.appId, openId }
const h5: PrepayRequest = { ...facts, tradeType: 'h5', device: 'iOS' }

const prepayId = 'wx01101502318407c2e9a4b71d5f60830000'
const prepaid: Parts = { ...answerParts, prepay_id: prepayId, trade_type: 'JSAPI' }
const codeUrl = 'weixin://wxpay/bizpayurl?pr=kT4wZ9q'

/** What a request carries beside the envelope. */
const orderOf = ({ sent }: ReturnType<typeof callBench>) => {
  const { appid, mch_id: _merchant, nonce_str: _nonce, sign_type: _type, sign: _sign, ...order } = sent[0]?.fields ?? {}
  return { appid, ...order }
}
const common = {
  appid: merchant.appId,
  body: '青禾书店-《海图》',
  out_trade_no: 'QH20260301000018',
  total_fee: '4580',
  spbill_create_ip: '2001:db8::51',
  time_expire: '20260301104500',
  notify_url: 'https://pay.qinghe.example/wx/v2/notify',
}

describe('a prepay inside WeChat', () => {
  it('names the payer, and hands on the prepay id and what opens the payment', async () => {
    const bench = callBench(signedMessage(prepaid))
    expect(await prepay(bench, jsapi)).toMatchObject({
      prepayId,
      action: {
        tradeType: 'jsapi',
        invoke: {
          appId: merchant.appId,
          timeStamp: '1772331305',
          nonceStr: 'Xk2Pv7Qm9Lr4Tz1W',
          package: `prepay_id=${prepayId}`,
          signType: 'MD5',
          paySign: '7D3C91E05CBD16445DA4584C79DC7ACC',
        },
      },
    })
    expect(bench.sent[0]?.path).toBe('/pay/unifiedorder')
    expect(orderOf(bench)).toEqual({ ...common, trade_type: 'JSAPI', openid: openId })
  })

  it('has the fields of WeChat’s page, but for the end of its time', async () => {
    const bench = callBench(signedMessage(prepaid, 'HMAC-SHA256'), 'HMAC-SHA256')
    await prepay(bench, jsapi)
    const { time_expire: _expiry, nonce_str: _nonce, sign: _sign, ...sent } = bench.sent[0]?.fields ?? {}
    const documented = Object.fromEntries(readXml(fixture('unifiedorder-request-jsapi.hmac-sha256.xml')))
    expect({ ...sent, nonce_str: documented['nonce_str'], sign: documented['sign'] }).toEqual(documented)
  })

  it('is signed by HMAC-SHA256 when the create is', async () => {
    const { action } = await prepay(callBench(signedMessage(prepaid, 'HMAC-SHA256'), 'HMAC-SHA256'), jsapi)
    const paySign = '4AA8DF8029E741D1B96B0E624F1616B4E7A704181337784ABF10D06A469F72A2'
    expect(action).toMatchObject({ invoke: { signType: 'HMAC-SHA256', paySign } })
  })

  it('of the mini program names its appid, in the create and in what is signed', async () => {
    const bench = callBench(signedMessage({ ...prepaid, appid: miniProgramId }))
    const { action } = await prepay(bench, { ...jsapi, appId: miniProgramId })
    expect(orderOf(bench).appid).toBe(miniProgramId)
    expect(action).toMatchObject({ invoke: { appId: miniProgramId } })
  })

  it.each([
    ['another appid of ours', { appid: miniProgramId }],
    ['an appid that is not ours', { appid: 'wxd930ea5d5a258f4f' }],
    ['no appid', { appid: undefined }],
    ['another merchant', { mch_id: '1900006043' }],
    ['no prepay id', { prepay_id: undefined }],
  ])('is unknown when the answer has %s', async (_what, change) => {
    expect(await errorOf(prepay(callBench(signedMessage({ ...prepaid, ...change })), jsapi))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

describe('a prepay in a phone’s browser', () => {
  it('names the payer’s address and the site, and hands on the page of WeChat', async () => {
    const bench = callBench(fixture('unifiedorder-answer-mweb.md5.xml'))
    expect(await prepay(bench, h5)).toMatchObject({
      prepayId: 'wx01102044705511d08b6c2f93ae47150000',
      action: {
        tradeType: 'h5',
        url: 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx01102044705511d08b6c2f93ae47150000&package=2718281828',
      },
    })
    expect(orderOf(bench)).toEqual({
      ...common,
      trade_type: 'MWEB',
      scene_info: '{"h5_info":{"type":"Wap","wap_url":"https://pay.qinghe.example","wap_name":"pay.qinghe.example"}}',
    })
  })

  it.each(['iOS', 'Android', 'Wap'] as const)('is that of a site on %s too: the other types are mobile apps', async (device) => {
    const bench = callBench(fixture('unifiedorder-answer-mweb.md5.xml'))
    await prepay(bench, { ...h5, device })
    expect(orderOf(bench)).toMatchObject({ scene_info: expect.stringContaining('"type":"Wap"') })
  })

  it('is unknown without the page', async () => {
    expect(await errorOf(prepay(callBench(signedMessage(prepaid)), h5))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

describe('a prepay for a code', () => {
  const answer = signedMessage({ ...prepaid, trade_type: 'NATIVE', code_url: codeUrl })

  it('tells the prepay id, which answers the scan of a printed code', async () => {
    expect(await prepay(callBench(answer), native)).toMatchObject({ action: { tradeType: 'native', codeUrl }, prepayId })
  })

  it('names the product of a printed code, else the number of the payment', async () => {
    const printed = callBench(answer)
    await prepay(printed, { ...native, productId: 'BOOK-0042' })
    expect(orderOf(printed)).toEqual({ ...common, trade_type: 'NATIVE', product_id: 'BOOK-0042' })
    const shown = callBench(answer)
    await prepay(shown, native)
    expect(orderOf(shown)).toEqual({ ...common, trade_type: 'NATIVE', product_id: 'QH20260301000018' })
  })

  it('is good without the prepay id, which nobody needs to show a code', async () => {
    const { prepayId: none } = await prepay(callBench(signedMessage({ ...prepaid, prepay_id: '', code_url: codeUrl })), native)
    expect(none).toBeUndefined()
  })

  it('is unknown when the answer is about another appid of ours', async () => {
    const other = signedMessage({ ...prepaid, appid: miniProgramId, code_url: codeUrl })
    expect(await errorOf(prepay(callBench(other), native))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

describe('R4 a prepay that is repeated', () => {
  it.each([native, jsapi, h5])('by $tradeType sends the same', async (request) => {
    const bench = callBench(signedMessage({ ...prepaid, code_url: codeUrl, mweb_url: 'https://wx.tenpay.com/' }))
    await prepay(bench, request)
    await prepay(bench, structuredClone(request))
    expect(bench.sent[1]).toEqual(bench.sent[0])
  })
})
