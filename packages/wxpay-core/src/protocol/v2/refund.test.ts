import { afterEach, describe, expect, it } from 'vitest'
import { toFen } from '../../money.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { answerParts, signedMessage, type Parts } from '../../testing/message.ts'
import { startServer, type Behaviour } from '../../testing/server.ts'
import { startTlsServer, tls } from '../../testing/tlsServer.ts'
import { WechatRefusedError, WechatUnknownOutcomeError } from '../errors.ts'
import type { RefundRequest } from '../port.ts'
import { ClientCertificateError } from './certified.ts'
import { createWechatPayV2, type WechatPayV2Options } from './client.ts'
import { readXml } from './xml.ts'

const request: RefundRequest = {
  outTradeNo: 'QH20260301000017',
  transactionId: '4200009042202603017754120386',
  outRefundNo: 'QHR20260302000003',
  totalFen: toFen(4580),
  refundFen: toFen(1580),
  reason: '缺货退款',
  notifyUrl: 'https://pay.qinghe.example/wx/v2/refund-notify',
}

const acceptedParts: Parts = {
  ...answerParts,
  transaction_id: request.transactionId,
  out_trade_no: request.outTradeNo,
  out_refund_no: request.outRefundNo,
  refund_id: '50300806422026030219046771253',
  refund_fee: '1580',
  total_fee: '4580',
}
const refusedParts = (code: string): Parts => ({ ...answerParts, result_code: 'FAIL', err_code: code, err_code_des: 'no' })

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function wechat(
  answer: string | Buffer | Behaviour,
  { without = 'page', ...options }: Partial<WechatPayV2Options> & { without?: 'page' | 'end' } = {},
) {
  const server = await startTlsServer(typeof answer === 'function' ? answer : (response) => response.end(answer), without)
  const common = { ...merchant, signType: 'MD5', apiUrl: server.url, apiCa: tls.ca, certificate: tls.merchant } as const
  const client = createWechatPayV2({ ...common, ...options })
  opened.push(
    () => server.close(),
    () => client.destroy(),
  )
  const { refund } = client
  if (!refund) throw new Error('this client has no refunds')
  return { client, server, refund }
}

describe('a refund over v2', () => {
  it('is what WeChat documents, to the letter, over a connection with the merchant’s certificate', async () => {
    const { refund, server } = await wechat(fixture('refund-answer.md5.xml'), { nonce: () => 'Kj8Hg4Fd0Sa6Po2I' })
    expect(await refund(request)).toEqual({
      refund: {
        outTradeNo: request.outTradeNo,
        transactionId: request.transactionId,
        outRefundNo: request.outRefundNo,
        refundId: '50300806422026030219046771253',
        totalFen: 4580,
        refundFen: 1580,
        state: 'processing',
        succeededAt: null,
        payerRefundFen: 1580,
        receivedAccount: null,
      },
      raw: fixture('refund-answer.md5.xml').toString('utf8'),
    })
    const [call] = server.received
    expect(call).toMatchObject({ method: 'POST', path: '/secapi/pay/refund' })
    expect(readXml(Buffer.from(call?.body ?? ''))).toEqual(readXml(fixture('refund-request.md5.xml')))
  })

  it('is repeated as it was, under the appid of its payment', async () => {
    const appId = 'wx0b2c3d4e5f607182'
    const { refund, server } = await wechat(signedMessage({ ...acceptedParts, appid: appId }), { otherAppIds: [appId], nonce: () => 'n' })
    await refund({ ...request, appId })
    await refund({ ...request, appId })
    expect(server.received[1]?.body).toBe(server.received[0]?.body)
    expect(readXml(Buffer.from(server.received[0]?.body ?? '')).get('appid')).toBe(appId)
  })

  it('takes the certificate from PKCS#12, too', async () => {
    const { refund } = await wechat(signedMessage(acceptedParts), { certificate: tls.p12 })
    expect(await refund(request)).toMatchObject({ refund: { refundId: acceptedParts['refund_id'], payerRefundFen: null } })
  })

  it('is not there without a certificate', () => {
    expect(createWechatPayV2({ ...merchant, signType: 'MD5', apiUrl: 'https://127.0.0.1' })).not.toHaveProperty('refund')
  })

  it.each([
    ['of another key', { key: tls.stranger.key, cert: tls.merchant.cert }],
    ['that is no PEM', { key: 'a', cert: 'b' }],
    ['with another password', { ...tls.p12, passphrase: '1900006043' }],
    ['of an old encryption', tls.oldP12],
  ])('is refused at the start with a certificate %s', (_case, certificate) => {
    const options = { ...merchant, signType: 'MD5', apiUrl: 'https://127.0.0.1', certificate } as const
    expect(() => createWechatPayV2(options)).toThrow(/^certificate must be/)
  })

  it('goes where the certificate is asked for, when that is another place; other calls do not show it', async () => {
    const plain = await startServer((response) => response.end(signedMessage(refusedParts('REFUNDNOTEXIST'))))
    opened.push(() => plain.close())
    const secured = await wechat(signedMessage(acceptedParts))
    const { client, refund, server } = await wechat('', { apiUrl: plain.url, certApiUrl: secured.server.url })
    await refund(request)
    await client.queryRefund({ outRefundNo: request.outRefundNo })
    expect(secured.server.received.map(({ path }) => path)).toEqual(['/secapi/pay/refund'])
    expect(plain.received.map(({ path }) => path)).toEqual(['/pay/refundquery'])
    expect(server.received).toEqual([])
  })

  it.each(['page', 'end'] as const)('with the certificate of a stranger is unknown, and names the certificate: %s', async (without) => {
    const { refund, server } = await wechat(signedMessage(acceptedParts), { certificate: tls.stranger, without })
    const error = await errorOf(refund(request))
    expect(error).toBeInstanceOf(WechatUnknownOutcomeError)
    expect(error).toMatchObject({ cause: expect.any(ClientCertificateError) })
    expect(server.received).toEqual([])
  })

  it('that is cut off is unknown, and the certificate is named beside what was seen', async () => {
    const { refund } = await wechat((_response, _received, incoming) => {
      incoming.socket.destroy()
    })
    expect(await errorOf(refund(request))).toMatchObject({ outcome: 'unknown', cause: expect.any(ClientCertificateError) })
  })

  it('does not go to a server of a CA that nobody trusts', async () => {
    const server = await startTlsServer((response) => response.end(signedMessage(acceptedParts)))
    const client = createWechatPayV2({ ...merchant, signType: 'MD5', apiUrl: server.url, certificate: tls.merchant })
    opened.push(
      () => server.close(),
      () => client.destroy(),
    )
    expect(await errorOf(client.refund?.(request) ?? Promise.resolve())).toMatchObject({ outcome: 'unknown' })
    expect(server.received).toEqual([])
  })

  it.each([
    ['NOTENOUGH', 'not-enough-funds'],
    ['NOT_ENOUGH', 'not-enough-funds'],
    ['REFUND_FEE_MISMATCH', 'number-in-use'],
    ['TRADE_OVERDUE', 'too-late'],
    ['ORDER_NOT_READY', 'not-ready'],
    ['ORDERNOTEXIST', 'not-ready'],
    ['USER_ACCOUNT_ABNORMAL', 'other'],
    ['INVALID_TRANSACTIONID', 'other'],
    ['PARAM_ERROR', 'other'],
    ['INVALID_REQUEST', 'other'],
    ['ERROR', 'other'],
  ])('is refused: %s means %s', async (code, meaning) => {
    const { refund } = await wechat(signedMessage(refusedParts(code)))
    const error = await errorOf(refund(request))
    expect(error).toBeInstanceOf(WechatRefusedError)
    expect(error).toMatchObject({ meaning, code, outcome: 'not-done' })
  })

  it('reads WeChat’s own example of too small a balance', async () => {
    const { refund } = await wechat(fixture('refund-answer-notenough.md5.xml'))
    expect(await errorOf(refund(request))).toMatchObject({ meaning: 'not-enough-funds', description: '基本账户余额不足，请充值后重新发起' })
  })

  it.each([
    ['SYSTEMERROR', false],
    ['BIZERR_NEED_RETRY', false],
    ['CERT_ERROR', false],
    ['NOAUTH', false],
    ['SIGNERROR', false],
    ['FREQUENCY_LIMITED', true],
    ['INVALID_REQ_TOO_MUCH', true],
    ['RATELIMIT_EXCEEDED', true],
  ])('R4 is unknown after %s, asked to slow down: %s', async (code, rateLimited) => {
    const { refund } = await wechat(signedMessage(refusedParts(code)))
    const error = await errorOf(refund(request))
    expect(error).toBeInstanceOf(WechatUnknownOutcomeError)
    expect(error).toMatchObject({ rateLimited, outcome: 'unknown' })
  })

  it.each([
    ['another refund', { out_refund_no: 'QHR20260302000004' }],
    ['another payment', { transaction_id: '4200009042202603017754120387' }],
    ['another payment of ours', { out_trade_no: 'QH20260301000018' }],
    ['another amount', { refund_fee: '1581' }],
    ['another whole', { total_fee: '4581' }],
    ['no amount', { refund_fee: undefined }],
    ['an amount that is none', { refund_fee: '15.80' }],
    ['no number of WeChat’s', { refund_id: '' }],
    ['another merchant', { mch_id: '1900006043' }],
    ['another appid', { appid: 'wx0b2c3d4e5f607182' }],
  ])('R4 is unknown after a signed answer about %s', async (_case, change) => {
    const { refund } = await wechat(signedMessage({ ...acceptedParts, ...change }))
    expect(await errorOf(refund(request))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('R4 is unknown after an answer that somebody else has signed', async () => {
    const { refund } = await wechat(signedMessage(acceptedParts, 'MD5', 'AnotherKeyNotReal00000000000wx42'))
    expect(await errorOf(refund(request))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})
