import { describe, expect, it } from 'vitest'
import { header, noContent, openNotice, openNoticeBench, readEnvelope, signerOf, type Delivered } from '../testing/noticeBench.ts'
import { staySilent, type Reply } from '../testing/receiver.ts'

const answer =
  (status: number, body = '', headers: Record<string, string> = {}): Reply =>
  (response) =>
    void response.writeHead(status, headers).end(body)
const refuse = answer(500, '{"code":"FAIL","message":"no"}')

async function openPaid(reply?: Reply, options?: { timeoutMs?: number }) {
  const bench = await openNoticeBench(reply, options)
  const outTradeNo = await bench.pay()
  const first = (): Delivered => {
    const [delivered] = bench.delivered
    if (!delivered) throw new Error('nothing came')
    return delivered
  }
  return { ...bench, outTradeNo, first }
}

describe('a v3 notice', () => {
  it('is an envelope around a sealed Transaction, in the order of captured ones', async () => {
    const { first, notice, merchant, outTradeNo, mchid } = await openPaid()
    const envelope = readEnvelope(first().body)
    expect(envelope).toEqual({
      id: notice().id,
      create_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/),
      resource_type: 'encrypt-resource',
      event_type: 'TRANSACTION.SUCCESS',
      summary: '支付成功',
      resource: {
        original_type: 'transaction',
        algorithm: 'AEAD_AES_256_GCM',
        ciphertext: expect.stringMatching(/^[\w+/]+={0,2}$/),
        associated_data: 'transaction',
        nonce: expect.stringMatching(/^.{12}$/),
      },
    })
    expect([...first().body.matchAll(/"(\w+)":/g)].map(([, name]) => name).slice(0, 7)).toEqual([
      'id',
      'create_time',
      'resource_type',
      'event_type',
      'summary',
      'resource',
      'original_type',
    ])
    expect(openNotice(first(), merchant())).toEqual({
      mchid,
      appid: merchant().appids[0],
      out_trade_no: outTradeNo,
      transaction_id: expect.stringMatching(/^4200\d{24}$/),
      trade_type: 'NATIVE',
      trade_state: 'SUCCESS',
      trade_state_desc: '支付成功',
      bank_type: 'OTHERS',
      attach: '',
      success_time: expect.stringMatching(/\+08:00$/),
      payer: { openid: expect.stringMatching(/^o.{27}$/) },
      amount: { total: 4580, payer_total: 4580, currency: 'CNY', payer_currency: 'CNY' },
    })
  })

  it('tells of attach, device and coupon', async () => {
    const { pay, delivered, merchant } = await openNoticeBench()
    await pay({ attach: 'uid=42', deviceInfo: 'till-1' }, { couponFen: 580 })
    const [only] = delivered
    expect(only && openNotice(only, merchant())).toMatchObject({
      attach: 'uid=42',
      scene_info: { device_id: 'till-1' },
      amount: { total: 4580, payer_total: 4000 },
      promotion_detail: [{ amount: 580, type: 'CASH', scope: 'GLOBAL' }],
    })
  })

  it('carries the headers of captured ones, and is signed over timestamp, nonce and body', async () => {
    const { first, merchant, frozen } = await openPaid()
    expect(first().headers).toMatchObject({
      'content-type': 'application/json',
      accept: '*/*',
      'user-agent': 'Mozilla/4.0',
      'cache-control': 'no-cache',
      pragma: 'no-cache',
      'wechatpay-timestamp': String(Math.floor(frozen / 1000)),
      'wechatpay-serial': merchant().platform.publicKeyId,
      'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
    })
    expect(signerOf(first(), merchant())).toBe(merchant().platform.publicKeyId)
  })

  it('keeps id and resource over all 16 deliveries, and is signed anew each time', async () => {
    const bench = await openPaid(refuse)
    await bench.advance(90_000_000)
    expect(bench.delivered).toHaveLength(16)
    expect(bench.notice().state).toBe('given-up')
    expect(new Set(bench.delivered.map(({ body }) => body))).toHaveLength(1)
    for (const name of ['wechatpay-nonce', 'wechatpay-signature', 'request-id']) {
      expect(new Set(bench.delivered.map(({ headers }) => headers[name]))).toHaveLength(16)
    }
    expect(bench.delivered.map((each) => signerOf(each, bench.merchant()))).not.toContain(undefined)
  })
})

describe('R23 a v3 notice that was not acknowledged before a restart', () => {
  it('comes again with the same id and resource', async () => {
    const before = await openPaid(refuse)
    await before.ledger.durable()
    const after = await openNoticeBench(noContent, { dataDir: before.dataDir })
    await after.advance(15_000)
    expect(before.delivered.map(({ body }) => body)).toEqual([before.first().body, before.first().body])
  })
})

describe('a reply to a v3 notice', () => {
  it.each([
    ['200 without a body', answer(200)],
    ['200 with whatever body', answer(200, '{"code":"SUCCESS"}')],
    ['200 with an error text', answer(200, '{"code":"FAIL"}')],
    ['204', noContent],
  ])('acknowledges: %s', async (_, reply) => {
    const { notice, advance, delivered } = await openPaid(reply)
    expect(notice()).toMatchObject({ protocol: 'v3', state: 'acknowledged', nextAttemptAt: null })
    await advance(90_000_000)
    expect(delivered).toHaveLength(1)
  })

  it.each([
    ['201', answer(201)],
    ['202', answer(202, '{"code":"SUCCESS"}')],
    ['a redirect', answer(302, '', { location: '/elsewhere' })],
    ['401', answer(401, '{"code":"FAIL","message":"x"}')],
    ['500 that says SUCCESS', answer(500, '{"code":"SUCCESS"}')],
    ['a broken connection', (_response, _body, request) => void request.socket.destroy()],
  ] satisfies [string, Reply][])('does not acknowledge: %s', async (_, reply) => {
    const { notice } = await openPaid(reply)
    expect(notice()).toMatchObject({ state: 'waiting', failures: 1, attempts: [{ acknowledged: false }] })
  })

  it('that does not come in time counts as failure', async () => {
    const { notice } = await openPaid(staySilent, { timeoutMs: 50 })
    expect(notice().attempts).toMatchObject([{ status: null, error: 'no complete answer in time' }])
  })
})

describe('the key that signs a v3 notice', () => {
  it('is the certificate in mode cert, and the newest one from the moment of its rotation', async () => {
    const { merchants, mchid, merchant, pay, delivered } = await openNoticeBench()
    merchants.setSigning(mchid, { mode: 'cert' })
    await pay()
    await merchants.rotateCertificate(mchid)
    await pay()
    const serials = merchant().platform.certificates.map(({ serial }) => serial)
    expect(serials).toHaveLength(2)
    expect(delivered.map((each) => signerOf(each, merchant()))).toEqual(serials)
    expect(delivered.map(({ headers }) => header(headers, 'wechatpay-serial'))).toEqual(serials)
  })

  it.each([0, 0.5, 1])('is the public key for a share of %d in mode mixed', async (share) => {
    const { merchants, mchid, merchant, pay, delivered } = await openNoticeBench()
    merchants.setSigning(mchid, { mode: 'mixed', share })
    for (let count = 0; count < 10; count += 1) await pay()
    const signers = delivered.map((each) => signerOf(each, merchant()))
    expect(signers).not.toContain(undefined)
    expect(signers.filter((signer) => signer === merchant().platform.publicKeyId)).toHaveLength(share * 10)
  })
})

describe('probes', () => {
  it('R8 come first for every n-th notice, and the right one follows when they were refused', async () => {
    const bench = await openNoticeBench()
    const isProbe = ({ headers }: Delivered) => header(headers, 'wechatpay-signature').startsWith('WECHATPAY/SIGNTEST/')
    bench.answerWith(
      (response, _body, request) => void response.writeHead(isProbe({ headers: request.headers, body: '' }) ? 401 : 204).end(),
    )
    bench.merchants.setSigning(bench.mchid, { probes: 2 })
    for (let count = 0; count < 4; count += 1) await bench.pay()
    expect(bench.delivered.map(isProbe)).toEqual([false, true, false, true])
    await bench.advance(15_000)
    expect(bench.delivered.slice(4).map(isProbe)).toEqual([false, false])
    expect(bench.delivered.slice(4).map((each) => signerOf(each, bench.merchant()))).not.toContain(undefined)
    expect(bench.ledger.notices().map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'acknowledged'))
    expect(bench.ledger.notices()[1]?.attempts).toMatchObject([{ faults: ['signtest'] }, { faults: [] }])
  })
})
