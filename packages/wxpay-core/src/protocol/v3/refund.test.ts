import { afterEach, describe, expect, it } from 'vitest'
import { toFen } from '../../money.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { startServer, type Behaviour } from '../../testing/server.ts'
import { answerError, answerSigned, newCertificate, probeOf, refundResource, signatureOf, v3, vectorsNow } from '../../testing/v3.ts'
import { WechatRefusedError, WechatUnknownOutcomeError } from '../errors.ts'
import type { RefundRequest } from '../port.ts'
import { createWechatPayV3 } from './client.ts'
import { readMerchantPrivateKey } from './keys.ts'
import { authorize } from './sign.ts'

const { keys } = v3
const request: RefundRequest = {
  outTradeNo: 'ORDER20260101000001',
  transactionId: '4200001234202601010000000001',
  outRefundNo: 'REFUND20260101000001',
  totalFen: toFen(2990),
  refundFen: toFen(990),
  reason: '用户取消',
  notifyUrl: 'https://shop.example.com/wechatpay/refund-notify',
}
const { refund_status: _, mchid: __, ...told } = refundResource
const accepted = {
  ...told,
  status: 'PROCESSING',
  success_time: undefined,
  channel: 'ORIGINAL',
  create_time: '2026-01-01T08:59:30+08:00',
  funds_account: 'AVAILABLE',
  amount: { ...told.amount, currency: 'CNY', settlement_refund: 990, settlement_total: 2990, discount_refund: 0 },
}
const path = '/v3/refund/domestic/refunds'

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function wechat(behave: Behaviour) {
  const server = await startServer(behave)
  const client = createWechatPayV3({
    appId: keys.appid,
    mchId: keys.mchid,
    key: keys.apiv3_key,
    merchantPrivateKey: keys.merchant.private_key_pem,
    merchantSerial: keys.merchant.serial_no,
    publicKey: { id: keys.wechatpay_public_key.id, pem: keys.wechatpay_public_key.public_key_pem },
    apiUrl: server.url,
    now: () => vectorsNow,
  })
  opened.push(
    () => server.close(),
    () => client.destroy(),
  )
  const { refund, queryRefund } = client
  if (!refund) throw new Error('this client has no refunds')
  return { server, refund, queryRefund }
}

const signed = (body: unknown): Behaviour => {
  return (response) => answerSigned(response, body)
}
const error = (status: number, code: string): Behaviour => {
  return (response) => answerError(response, status, code)
}

describe('a refund over v3', () => {
  it('is what WeChat documents, signed, and tells what was accepted', async () => {
    const { refund, server } = await wechat(signed(accepted))
    expect(await refund(request)).toEqual({
      refund: {
        outTradeNo: request.outTradeNo,
        transactionId: request.transactionId,
        outRefundNo: request.outRefundNo,
        refundId: '50300000012026010100000000001',
        totalFen: 2990,
        refundFen: 990,
        state: 'processing',
        succeededAt: null,
        payerRefundFen: 990,
        receivedAccount: '支付用户零钱',
      },
      raw: JSON.stringify(accepted),
      requestId: '08F5B8C2B506-0',
    })
    const [call] = server.received
    expect(call).toMatchObject({ method: 'POST', path })
    expect(JSON.parse(call?.body ?? '')).toEqual({
      transaction_id: request.transactionId,
      out_refund_no: request.outRefundNo,
      reason: '用户取消',
      notify_url: request.notifyUrl,
      amount: { refund: 990, total: 2990, currency: 'CNY' },
    })
  })

  it('is signed as in the vector, over the same path', async () => {
    const vector = v3.request_signing.find(({ name }) => name === 'refund')
    if (!vector) throw new Error('no vector')
    const privateKey = readMerchantPrivateKey(keys.merchant.private_key_pem)
    const { timestamp, nonce_str: nonce, body } = vector
    const merchant = { mchId: keys.mchid, serial: keys.merchant.serial_no, privateKey }
    const header = await authorize(merchant, { method: 'POST', pathAndQuery: path, timestamp: Number(timestamp), nonce, body })
    expect(header).toBe(vector.authorization)
  })

  it('may be done at once', async () => {
    const { refund } = await wechat(signed({ ...accepted, status: 'SUCCESS', success_time: '2026-01-01T09:00:30+08:00' }))
    expect(await refund(request)).toMatchObject({
      refund: { state: 'success', succeededAt: new Date('2026-01-01T09:00:30+08:00') },
    })
  })

  it('is repeated as it was', async () => {
    const { refund, server } = await wechat(signed(accepted))
    await refund(request)
    await refund({ ...request })
    expect(server.received[1]?.body).toBe(server.received[0]?.body)
  })

  it.each([
    [403, 'NOT_ENOUGH', 'not-enough-funds'],
    [403, 'NOTENOUGH', 'not-enough-funds'],
    [404, 'RESOURCE_NOT_EXISTS', 'not-ready'],
    [400, 'ORDER_NOT_READY', 'not-ready'],
    [400, 'TRADE_OVERDUE', 'too-late'],
    [400, 'REFUND_FEE_MISMATCH', 'number-in-use'],
    [403, 'USER_ACCOUNT_ABNORMAL', 'other'],
    [403, 'REQUEST_BLOCKED', 'other'],
    [400, 'INVALID_REQUEST', 'other'],
    [400, 'PARAM_ERROR', 'other'],
  ])('is refused: %i %s means %s', async (status, code, meaning) => {
    const { refund } = await wechat(error(status, code))
    const refusal = await errorOf(refund(request))
    expect(refusal).toBeInstanceOf(WechatRefusedError)
    expect(refusal).toMatchObject({ meaning, code, requestId: '08F5B8C2B506-268435461' })
  })

  it.each([
    [429, 'FREQUENCY_LIMITED', true],
    [429, 'RATELIMIT_EXCEEDED', true],
    [403, 'RATE_LIMITED', true],
    [400, 'INVALID_REQ_TOO_MUCH', true],
    [500, 'SYSTEM_ERROR', false],
    [400, 'BIZERR_NEED_RETRY', false],
    [401, 'SIGN_ERROR', false],
    [403, 'NO_AUTH', false],
    [404, 'MCH_NOT_EXISTS', false],
    [202, 'ACCEPTED', false],
    [502, '', false],
  ])('R4 is unknown after %i %s, asked to slow down: %s', async (status, code, rateLimited) => {
    const { refund } = await wechat(error(status, code))
    const unknown = await errorOf(refund(request))
    expect(unknown).toBeInstanceOf(WechatUnknownOutcomeError)
    expect(unknown).toMatchObject({ rateLimited })
  })

  it.each([
    ['another refund', { out_refund_no: 'REFUND20260101000002' }],
    ['another payment', { transaction_id: '4200001234202601010000000002' }],
    ['another payment of ours', { out_trade_no: 'ORDER20260101000002' }],
    ['another amount', { amount: { ...accepted.amount, refund: 991 } }],
    ['another whole', { amount: { ...accepted.amount, total: 2991 } }],
    ['another currency', { amount: { ...accepted.amount, currency: 'USD' } }],
    ['no amount', { amount: undefined }],
    ['a notice’s name for the state', { status: undefined, refund_status: 'SUCCESS' }],
    ['a state that no page lists', { status: 'CHANGE' }],
    ['no number of WeChat’s', { refund_id: '' }],
  ])('R4 is unknown after a signed answer about %s', async (_case, change) => {
    const { refund } = await wechat(signed({ ...accepted, ...change }))
    expect(await errorOf(refund(request))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('R4 is unknown after an answer without a signature, or with a stranger’s', async () => {
    const text = JSON.stringify(accepted)
    const bare = await wechat((response) => response.end(text))
    expect(await errorOf(bare.refund(request))).toBeInstanceOf(WechatUnknownOutcomeError)
    const forged = { ...signatureOf(text, { key: newCertificate }), 'wechatpay-serial': keys.wechatpay_public_key.id }
    const strange = await wechat((response) => response.writeHead(200, forged).end(text))
    expect(await errorOf(strange.refund(request))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('R8 asks once more, the very same, when the answer’s signature was a probe', async () => {
    let asked = 0
    const text = JSON.stringify(accepted)
    const { refund, server } = await wechat((response) =>
      response.writeHead(200, ++asked === 1 ? probeOf(text) : signatureOf(text)).end(text),
    )
    expect(await refund(request)).toMatchObject({ refund: { state: 'processing' } })
    expect(server.received[1]?.body).toBe(server.received[0]?.body)
  })
})

describe('the query of a refund over v3', () => {
  const by = { outRefundNo: request.outRefundNo, refundId: accepted.refund_id }

  it('asks by our number, and reads what WeChat says', async () => {
    const { queryRefund, server } = await wechat(signed({ ...accepted, status: 'ABNORMAL' }))
    expect(await queryRefund(by)).toMatchObject({ state: 'found', refund: { state: 'abnormal', refundFen: 990 } })
    expect(server.received).toMatchObject([{ method: 'GET', path: `${path}/${request.outRefundNo}`, body: '' }])
  })

  it('percent-encodes a number that needs it', async () => {
    const outRefundNo = 'A|B*C_1-2@'
    const { queryRefund, server } = await wechat(signed({ ...accepted, out_refund_no: outRefundNo }))
    expect(await queryRefund({ outRefundNo })).toMatchObject({ state: 'found', refund: { outRefundNo } })
    expect(server.received[0]?.path).toBe(`${path}/A%7CB*C_1-2%40`)
  })

  it('finds nothing when WeChat knows no such refund', async () => {
    const { queryRefund } = await wechat(error(404, 'RESOURCE_NOT_EXISTS'))
    expect(await queryRefund(by)).toMatchObject({ state: 'not-found', requestId: '08F5B8C2B506-268435461' })
  })

  it('does not take a 404 without a word of WeChat’s for that', async () => {
    const { queryRefund } = await wechat((response) => response.writeHead(404).end())
    expect(await errorOf(queryRefund(by))).toBeInstanceOf(WechatUnknownOutcomeError)
    const other = await wechat(error(404, 'MCH_NOT_EXISTS'))
    expect(await errorOf(other.queryRefund(by))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it.each([
    ['another refund', { out_refund_no: 'REFUND20260101000002' }],
    ['another refund of WeChat’s', { refund_id: '50300000012026010100000000002' }],
  ])('R4 is unknown after a signed answer about %s', async (_case, change) => {
    const { queryRefund } = await wechat(signed({ ...accepted, ...change }))
    expect(await errorOf(queryRefund(by))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})
