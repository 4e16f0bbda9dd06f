import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { toFen } from '../../money.ts'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { answerParts, paidParts, signedMessage, unsignedMessage, type Parts } from '../../testing/message.ts'
import { refusingUrl, startServer, type Behaviour, type TestServer } from '../../testing/server.ts'
import { NoticeRefusedError, WechatRefusedError, WechatUnknownOutcomeError } from '../errors.ts'
import type { PrepayRequest } from '../port.ts'
import { createWechatPayV2, type WechatPayV2Options } from './client.ts'
import { createSigner } from './sign.ts'
import { readXml } from './xml.ts'

const request: PrepayRequest = {
  outTradeNo: 'QH20260301000017',
  tradeType: 'native',
  description: '青禾书店-《海图》',
  totalFen: toFen(4580),
  expiresAt: new Date('2026-03-01T02:45:00Z'),
  notifyUrl: 'https://pay.qinghe.example/wx/v2/notify',
  clientIp: '203.0.113.10',
}

const outTradeNo = request.outTradeNo
const prepaidParts: Parts = {
  ...answerParts,
  trade_type: 'NATIVE',
  prepay_id: 'wx01101502318407c2e9a4b71d5f60830000',
  code_url: 'weixin://wxpay/bizpayurl?pr=kT4wZ9q',
}
const queriedParts: Parts = { ...answerParts, ...paidParts, trade_state: 'SUCCESS' }
const refusedParts = (code: string | undefined, description = 'no'): Parts => ({
  ...answerParts,
  result_code: 'FAIL',
  err_code: code,
  err_code_des: description,
})

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function wechat(answer: string | Buffer | Behaviour, options: Partial<WechatPayV2Options> = {}) {
  const server: TestServer = await startServer(typeof answer === 'function' ? answer : (response) => response.end(answer))
  const client = createWechatPayV2({ ...merchant, signType: 'MD5', apiUrl: server.url, ...options })
  opened.push(
    () => server.close(),
    () => client.destroy(),
  )
  const sent = () => server.received.map(({ path, body }) => ({ path, fields: readXml(Buffer.from(body, 'utf8')) }))
  return { client, server, sent }
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('expected a rejection')
    },
    (error: unknown) => error,
  )
}

describe('a prepay', () => {
  it('sends what WeChat documents for NATIVE, signed, and hands on the code', async () => {
    const { client, sent } = await wechat(fixture('unifiedorder-answer-native.md5.xml'), { nonce: () => 'q7Zt1mXc84LpWv0d' })
    const prepaid = await client.prepay(request)
    expect(prepaid).toEqual({
      action: { tradeType: 'native', codeUrl: 'weixin://wxpay/bizpayurl?pr=kT4wZ9q' },
      prepayId: 'wx01101502318407c2e9a4b71d5f60830000',
      raw: fixture('unifiedorder-answer-native.md5.xml').toString('utf8'),
    })
    const [call] = sent()
    const { sign, ...fields } = Object.fromEntries(call?.fields ?? [])
    expect(call?.path).toBe('/pay/unifiedorder')
    expect(fields).toEqual({
      appid: merchant.appId,
      mch_id: merchant.mchId,
      nonce_str: 'q7Zt1mXc84LpWv0d',
      sign_type: 'MD5',
      body: '青禾书店-《海图》',
      out_trade_no: 'QH20260301000017',
      total_fee: '4580',
      spbill_create_ip: '203.0.113.10',
      time_expire: '20260301104500',
      notify_url: 'https://pay.qinghe.example/wx/v2/notify',
      trade_type: 'NATIVE',
      product_id: 'QH20260301000017',
    })
    expect(sign).toBe(createSigner(merchant.key, 'MD5').sign(new Map(Object.entries(fields))))
  })

  it('by HMAC-SHA256 says so, and takes only an answer signed in the same way', async () => {
    const { client, sent } = await wechat(fixture('unifiedorder-answer-native.hmac-sha256.xml'), { signType: 'HMAC-SHA256' })
    await client.prepay(request)
    expect(sent()[0]?.fields.get('sign_type')).toBe('HMAC-SHA256')
    expect(createSigner(merchant.key, 'HMAC-SHA256').verify(sent()[0]?.fields ?? new Map())).toBe(true)

    const other = await wechat(fixture('unifiedorder-answer-native.md5.xml'), { signType: 'HMAC-SHA256' })
    expect(await errorOf(other.client.prepay(request))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('R4 that is repeated sends the same parameters, with a new nonce only', async () => {
    const { client, sent } = await wechat(signedMessage(prepaidParts))
    await client.prepay(request)
    await client.prepay(request)
    const [first, second] = sent().map(({ fields }) => Object.fromEntries(fields))
    expect(first?.['nonce_str']).toMatch(/^[A-Za-z0-9]{32}$/)
    expect(second?.['nonce_str']).not.toBe(first?.['nonce_str'])
    expect({ ...second, nonce_str: '', sign: '' }).toEqual({ ...first, nonce_str: '', sign: '' })
  })

  it.each([
    ['ORDERPAID', '该订单已支付', 'paid'],
    ['ORDERCLOSED', '该订单已关闭', 'closed'],
    ['OUT_TRADE_NO_USED', 'no', 'number-in-use'],
    ['INVALID_REQUEST', '201 商户订单号重复', 'number-in-use'],
    ['INVALID_REQUEST', '参数错误', 'other'],
    ['PARAM_ERROR', '商户订单号重复', 'other'],
    ['NOAUTH', '商户号该产品权限未开通', 'other'],
    ['NOTENOUGH', '余额不足', 'other'],
    ['toString', '', 'other'],
  ])('that WeChat refuses with %s %s was not done, which means: %s', async (code, description, meaning) => {
    const answer = signedMessage(refusedParts(code, description))
    const error = await errorOf((await wechat(answer)).client.prepay(request))
    expect(error).toBeInstanceOf(WechatRefusedError)
    expect(error).toMatchObject({ outcome: 'not-done', meaning, code, description, raw: answer })
  })

  it('of a number that was used with other parameters is refused in WeChat’s own words', async () => {
    const error = await errorOf((await wechat(fixture('unifiedorder-answer-other-parameters.md5.xml'))).client.prepay(request))
    expect(error).toBeInstanceOf(WechatRefusedError)
    expect(error).toMatchObject({ meaning: 'number-in-use', code: 'INVALID_REQUEST', description: '201 商户订单号重复' })
  })

  it('without a code in the answer is unknown', async () => {
    expect(await errorOf((await wechat(signedMessage({ ...prepaidParts, code_url: undefined }))).client.prepay(request))).toBeInstanceOf(
      WechatUnknownOutcomeError,
    )
  })

  it('of what XML cannot carry is refused before anything is sent', async () => {
    const { client, sent } = await wechat(signedMessage(prepaidParts))
    expect(await errorOf(client.prepay({ ...request, description: 'a\u0000' }))).toBeInstanceOf(RangeError)
    expect(sent()).toEqual([])
  })

  it('goes to the backup address when no connection can be made', async () => {
    const { client } = await wechat(signedMessage(prepaidParts), { apiUrl: await refusingUrl() })
    expect(await errorOf(client.prepay(request))).toBeInstanceOf(WechatUnknownOutcomeError)
    const backup = await wechat(signedMessage(prepaidParts))
    const both = await wechat('', { apiUrl: await refusingUrl(), apiBackupUrl: backup.server.url })
    expect((await both.client.prepay(request)).action).toEqual({ tradeType: 'native', codeUrl: 'weixin://wxpay/bizpayurl?pr=kT4wZ9q' })
  })
})

describe('R4 an answer that cannot be trusted is unknown, never failed:', () => {
  const html = '<html><head><title>502 Bad Gateway</title></head></html>'
  const status =
    (code: number, body: string): Behaviour =>
    (response) =>
      response.writeHead(code).end(body)

  it.each<[string, string | Buffer | Behaviour, { rateLimited?: boolean; raw?: string }]>([
    ['HTML', html, { raw: html }],
    ['an empty body', '', { raw: '' }],
    ['a cut body', signedMessage(prepaidParts).slice(0, -20), {}],
    ['a gateway’s error', status(502, html), { raw: html }],
    ['a right body under an error status', status(500, signedMessage(prepaidParts)), {}],
    ['a redirect', (response) => response.writeHead(302, { location: '/' }).end(), {}],
    ['429', status(429, ''), { rateLimited: true }],
    ['a huge body', ' '.repeat(70_000), {}],
    ['a reset', (_response, _received, { socket }) => socket.resetAndDestroy(), {}],
    [
      'a FAIL that nobody signed',
      fixture('answer-wrong-signature.unsigned.xml'),
      { raw: fixture('answer-wrong-signature.unsigned.xml').toString('utf8') },
    ],
    ['a FAIL with retmsg', unsignedMessage({ return_code: 'FAIL', retmsg: 'system busy' }), {}],
    ['no return_code', '<xml></xml>', {}],
    ['no signature', unsignedMessage(prepaidParts), {}],
    ['a probe of signatures (R8)', unsignedMessage({ ...prepaidParts, sign: 'WECHATPAY/SIGNTEST/98BA750F73AF082115C1DC682E24ED9D' }), {}],
    ['a refusal that nobody signed', unsignedMessage(refusedParts('PARAM_ERROR', '参数错误:必须输入商户单号')), {}],
    ['a signature with another key', signedMessage(prepaidParts, 'MD5', '192006250b4c09247ec02edce69f6a2d'), {}],
    ['a signature of another type', signedMessage(prepaidParts, 'HMAC-SHA256'), {}],
    ['another sign_type than that of the request', signedMessage({ ...prepaidParts, sign_type: 'HMAC-SHA256' }), {}],
    ['another appid', signedMessage({ ...prepaidParts, appid: 'wxd930ea5d5a258f4f' }), {}],
    ['another mch_id', signedMessage({ ...prepaidParts, mch_id: '10000100' }), {}],
    ['a refusal for another merchant', signedMessage({ ...refusedParts('ORDERPAID'), mch_id: '10000100' }), {}],
    ['no result_code', signedMessage({ ...prepaidParts, result_code: undefined }), {}],
    ['a refusal without a code', signedMessage(refusedParts(undefined)), {}],
    ['SYSTEMERROR', signedMessage(refusedParts('SYSTEMERROR', 'system error')), { rateLimited: false }],
    ['BIZERR_NEED_RETRY', signedMessage(refusedParts('BIZERR_NEED_RETRY')), { rateLimited: false }],
    ['FREQUENCY_LIMITED', signedMessage(refusedParts('FREQUENCY_LIMITED')), { rateLimited: true }],
  ])('%s', async (_, answer, expected) => {
    const { client, server } = await wechat(answer)
    for (const ask of [() => client.prepay(request), () => client.query({ outTradeNo }), () => client.close(outTradeNo)]) {
      const error = await errorOf(ask())
      expect(error).toBeInstanceOf(WechatUnknownOutcomeError)
      expect(error).toMatchObject({ outcome: 'unknown', ...expected })
      expect(inspect(error, { depth: 10 })).not.toContain(merchant.key)
    }
    expect(server.received, 'nothing is repeated').toHaveLength(3)
  })

  it('no answer in time', async () => {
    const { client } = await wechat(() => undefined, { timeoutMs: 50 })
    expect(await errorOf(client.prepay(request))).toMatchObject({ outcome: 'unknown', cause: { name: 'TimeoutError' } })
  })

  it('and it keeps WeChat’s reason for who has to find the fault', async () => {
    expect(await errorOf((await wechat(fixture('answer-wrong-signature.unsigned.xml'))).client.prepay(request))).toMatchObject({
      cause: { message: 'return_code is not SUCCESS: 签名错误' },
    })
    expect(
      await errorOf((await wechat(unsignedMessage({ return_code: 'FAIL', retmsg: 'system busy' }))).client.prepay(request)),
    ).toMatchObject({
      cause: { message: 'return_code is not SUCCESS: system busy' },
    })
  })
})

describe('a query', () => {
  it('asks by our number', async () => {
    const { client, sent } = await wechat(fixture('orderquery-answer-success.md5.xml'))
    expect(await client.query({ outTradeNo })).toMatchObject({
      state: 'paid',
      refunded: false,
      trade: { outTradeNo, totalFen: 4580, payerFen: 4080 },
    })
    expect(sent()[0]).toMatchObject({ path: '/pay/orderquery' })
    expect([...(sent()[0]?.fields.keys() ?? [])]).toEqual(['appid', 'mch_id', 'nonce_str', 'sign_type', 'out_trade_no', 'sign'])
  })

  it('asks by WeChat’s number', async () => {
    const { client, sent } = await wechat(fixture('orderquery-answer-success.md5.xml'))
    expect(await client.query({ transactionId: '4200009042202603017754120386' })).toMatchObject({ state: 'paid', trade: { outTradeNo } })
    expect(sent()[0]?.fields.get('transaction_id')).toBe('4200009042202603017754120386')
    expect(sent()[0]?.fields.has('out_trade_no')).toBe(false)
  })

  it.each([
    ['orderquery-answer-notpay.md5.xml', { state: 'pending', outTradeNo }],
    ['orderquery-answer-ordernotexist.md5.xml', { state: 'not-found' }],
  ])('reads %s', async (name, expected) => {
    expect(await (await wechat(fixture(name))).client.query({ outTradeNo })).toEqual({ ...expected, raw: fixture(name).toString('utf8') })
  })

  it.each([
    ['REFUND', { state: 'paid', refunded: true }],
    ['CLOSED', { state: 'closed', outTradeNo }],
    ['USERPAYING', { state: 'pending', outTradeNo }],
  ])('reads the state %s', async (trade_state, expected) => {
    expect(await (await wechat(signedMessage({ ...queriedParts, trade_state }))).client.query({ outTradeNo })).toMatchObject(expected)
  })

  it.each<[string, Parts]>([
    ['is about another order', { ...queriedParts, out_trade_no: 'QH20260301000018' }],
    ['does not say which order it is about', { ...queriedParts, out_trade_no: undefined }],
    ['has a state that nobody knows', { ...queriedParts, trade_state: 'NEW' }],
    ['has no state', { ...queriedParts, trade_state: undefined }],
    ['says paid, without the amount', { ...queriedParts, total_fee: undefined }],
    ['says paid, in yuan', { ...queriedParts, total_fee: '45.80' }],
    ['says paid, without the time', { ...queriedParts, time_end: undefined }],
  ])('is unknown when the answer %s', async (_, parts) => {
    expect(await errorOf((await wechat(signedMessage(parts))).client.query({ outTradeNo }))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('by WeChat’s number is unknown when the answer is about another one', async () => {
    const { client } = await wechat(signedMessage(queriedParts))
    expect(await errorOf(client.query({ transactionId: '4200009042202603017754120387' }))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('can be refused', async () => {
    expect(await errorOf((await wechat(signedMessage(refusedParts('NOAUTH')))).client.query({ outTradeNo }))).toBeInstanceOf(
      WechatRefusedError,
    )
  })
})

describe('an answer about another app of the merchant', () => {
  const otherAppIds = ['wx0b2c3d4e5f607182']
  const about = (appid: string) => signedMessage({ ...queriedParts, appid })

  it('answers a query', async () => {
    const { client } = await wechat(about('wx0b2c3d4e5f607182'), { otherAppIds })
    expect(await client.query({ outTradeNo })).toMatchObject({ state: 'paid' })
  })

  it('is asked for under that app, and must be about it', async () => {
    const appId = 'wx0b2c3d4e5f607182'
    const { client, sent } = await wechat(about(appId), { otherAppIds })
    expect(await client.query({ outTradeNo, appId })).toMatchObject({ state: 'paid' })
    expect(await client.close(outTradeNo, appId)).toMatchObject({ state: 'closed' })
    expect(sent().map(({ fields }) => fields.get('appid'))).toEqual([appId, appId])
    const own = (await wechat(about(merchant.appId), { otherAppIds })).client
    expect(await errorOf(own.query({ outTradeNo, appId }))).toBeInstanceOf(WechatUnknownOutcomeError)
    expect(await errorOf(own.close(outTradeNo, appId))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('is unknown when the app is not ours', async () => {
    for (const client of [
      (await wechat(about('wx0b2c3d4e5f607182'))).client,
      (await wechat(about('wxd930ea5d5a258f4f'), { otherAppIds })).client,
    ])
      expect(await errorOf(client.query({ outTradeNo }))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

describe('a close', () => {
  it('names the order and reads the answer', async () => {
    const { client, sent } = await wechat(fixture('closeorder-answer.md5.xml'))
    expect(await client.close(outTradeNo)).toEqual({ state: 'closed', raw: fixture('closeorder-answer.md5.xml').toString('utf8') })
    expect(sent()[0]).toMatchObject({ path: '/pay/closeorder' })
    expect(sent()[0]?.fields.get('out_trade_no')).toBe(outTradeNo)
  })

  it('R14 of an order that was paid meanwhile says so', async () => {
    expect(await (await wechat(fixture('closeorder-answer-orderpaid.md5.xml'))).client.close(outTradeNo)).toMatchObject({ state: 'paid' })
  })

  it.each([
    ['ORDERCLOSED', 'closed'],
    ['ORDERNOTEXIST', 'not-found'],
  ])('that is refused with %s means %s', async (code, state) => {
    expect(await (await wechat(signedMessage(refusedParts(code)))).client.close(outTradeNo)).toMatchObject({ state })
  })

  it('can be refused for another reason', async () => {
    expect(await errorOf((await wechat(signedMessage(refusedParts('TRADE_STATE_ERROR')))).client.close(outTradeNo))).toMatchObject({
      outcome: 'not-done',
      meaning: 'other',
      code: 'TRADE_STATE_ERROR',
    })
  })
})

describe('the client', () => {
  const options: WechatPayV2Options = { ...merchant, signType: 'MD5', apiUrl: 'https://api.mch.weixin.qq.com' }

  it.each([
    ['key', { key: '' }],
    ['key', { key: 'sixteen-byte-key' }],
    ['key', { key: `${merchant.key}x` }],
    ['key', { key: `密${'x'.repeat(29)}` }],
    ['key', { key: `${merchant.key.slice(1)}\n` }],
    ['appId', { appId: '' }],
    ['mchId', { mchId: '1900006042 ' }],
    ['otherAppIds', { otherAppIds: [''] }],
    ['apiUrl', { apiUrl: 'nowhere' }],
    ['timeoutMs', { timeoutMs: -1 }],
  ])('R5 is not made with a bad %s, and does not print it', (name, change) => {
    expect(() => createWechatPayV2({ ...options, ...change })).toThrow(new RegExp(`^${name} `))
    for (const value of Object.values(change)) {
      if (typeof value === 'string' && value !== '') expect(() => createWechatPayV2({ ...options, ...change })).not.toThrow(value)
    }
  })

  it('shows no key when it is printed', async () => {
    const client = createWechatPayV2(options)
    expect(inspect(client, { depth: 10, showHidden: true })).not.toContain(merchant.key)
    expect(JSON.stringify(client)).not.toContain(merchant.key)
    await client.destroy()
  })

  it('R22 tells the Date of its answers, and signs for pages at its own clock’s time', async () => {
    const dates: number[] = []
    const jsapi: PrepayRequest = { ...request, tradeType: 'jsapi', appId: merchant.appId, openId: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc' }
    const { client } = await wechat(
      (response) => response.writeHead(200, { date: 'Sun, 01 Mar 2026 02:15:07 GMT' }).end(signedMessage(prepaidParts)),
      { onAnswerDate: (date) => void dates.push(date), now: () => 1_772_331_305_500 },
    )
    expect((await client.prepay(jsapi)).action).toMatchObject({ invoke: { timeStamp: '1772331305' } })
    expect(dates).toEqual([1_772_331_307_000])
  })

  it('has a gate for printed codes, which are signed by MD5 whatever its orders are signed by', async () => {
    for (const signType of ['MD5', 'HMAC-SHA256'] as const) {
      const client = createWechatPayV2({ ...options, signType, nonce: () => 'm1Qr8Kx2Vt5LwZ0c' })
      expect(client.scan.codeFor('BOOK-0042', new Date(1_772_331_300_000))).toBe(fixture('scan-code.txt').toString('utf8'))
      expect(client.scan.open(fixture('scan.md5.xml'))).toMatchObject({ productId: 'BOOK-0042' })
      await client.destroy()
    }
  })

  it('R5 opens a notice, and rejects one that it refuses', async () => {
    const client = createWechatPayV2(options)
    expect(await client.openNotice({}, fixture('notice-coupon.md5.xml'))).toMatchObject({ protocol: 'v2', outcome: 'paid' })
    expect(await errorOf(client.openNotice({}, Buffer.from('<xml/>')))).toBeInstanceOf(NoticeRefusedError)
    expect(client.noticeReplies.accepted().status).toBe(200)
    await client.destroy()
  })

  it('R5 opens a notice in the same way whatever its headers say', async () => {
    const client = createWechatPayV2(options)
    const forged = Buffer.from(unsignedMessage({ ...answerParts, ...paidParts }))
    expect(await errorOf(client.openNotice({ host: 'localhost', 'content-type': 'application/json' }, forged))).toMatchObject({
      reason: 'wrong-signature',
    })
    await client.destroy()
  })
})
