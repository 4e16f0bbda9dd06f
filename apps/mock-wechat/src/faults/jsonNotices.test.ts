import { createDecipheriv, createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { header, noContent, openNotice, openNoticeBench, readEnvelope, signerOf } from '../testing/noticeBench.ts'
import { isSignedBy, messageText } from '../v3/sign.ts'
import { readXml } from '../v2/xml.ts'
import type { FaultOrder } from './faults.ts'
import { describeKind, faultKinds, isFaultKind } from './kinds.ts'

type Fault = Omit<FaultOrder, 'on'>

/** Pays for a trade of v3 while a fault is on. */
async function noticeUnder(fault: Fault) {
  const bench = await openNoticeBench()
  bench.order(fault)
  const outTradeNo = await bench.pay()
  const [delivered] = bench.delivered
  if (!delivered) throw new Error('nothing came')
  const signed = signerOf(delivered, bench.merchant()) !== undefined
  const open = () => openNotice(delivered, bench.merchant())
  return {
    ...bench,
    outTradeNo,
    delivered,
    signed,
    open,
    envelope: (): Record<string, unknown> => z.looseObject({}).parse(JSON.parse(delivered.body)),
  }
}

describe('a v3 delivery that fails', () => {
  it.each([
    ['drop', 0],
    ['unreachable', 0],
    ['answer-lost', 1],
  ] as const)('%s: counts as a failure, and the ladder goes on', async (kind, arrived) => {
    const bench = await openNoticeBench()
    bench.order({ kind, times: 2 })
    await bench.pay()
    expect(bench.delivered).toHaveLength(arrived)
    expect(bench.notice()).toMatchObject({ state: 'waiting', attempts: [{ acknowledged: false, faults: [kind] }] })
    await bench.advance(30_000)
    expect(bench.notice()).toMatchObject({ state: 'acknowledged', attempts: [{}, {}, { acknowledged: true, faults: [] }] })
  })

  it.each(['duplicate', 'duplicate-at-once'] as const)('R10 %s: ten times the same id, each signed by itself', async (kind) => {
    const bench = await openNoticeBench()
    bench.order({ kind, copies: 10, times: 1 })
    await bench.pay()
    expect(bench.delivered).toHaveLength(10)
    expect(new Set(bench.delivered.map(({ body }) => body))).toHaveLength(1)
    expect(new Set(bench.delivered.map(({ headers }) => headers['wechatpay-signature']))).toHaveLength(10)
    expect(bench.notice()).toMatchObject({ state: 'acknowledged', attempts: [{ acknowledged: true }] })
  })

  it('late, and out-of-order', async () => {
    const bench = await openNoticeBench()
    bench.order({ kind: 'out-of-order', nth: 1 })
    bench.order({ kind: 'late', ms: 60_000, nth: 2 })
    await bench.pay()
    await bench.pay()
    expect(bench.delivered).toEqual([])
    await bench.advance(15_000)
    expect(bench.delivered).toHaveLength(1)
    await bench.advance(45_000)
    expect(bench.delivered).toHaveLength(2)
  })
})

describe('R5 a v3 notice that must be refused for its signature', () => {
  it.each<Fault>([
    { kind: 'wrong-signature' },
    { kind: 'wrong-key' },
    { kind: 'truncated' },
    { kind: 'forged', field: 'summary', value: '退款成功' },
    { kind: 'forged', field: 'envelope.resource.nonce', value: '000000000000' },
    { kind: 'forged', field: 'amount.total', value: '1' },
  ])('$kind $field: it does not fit', async (fault) => {
    const { signed, delivered } = await noticeUnder(fault)
    expect(signed).toBe(false)
    expect(header(delivered.headers, 'wechatpay-serial')).not.toBe('')
  })

  it('signtest: a probe of WeChat’s', async () => {
    const { signed, delivered, open } = await noticeUnder({ kind: 'signtest' })
    expect(header(delivered.headers, 'wechatpay-signature')).toMatch(/^WECHATPAY\/SIGNTEST\//)
    expect(signed).toBe(false)
    expect(open()).toMatchObject({ trade_state: 'SUCCESS' })
  })

  it('unsigned: without any of the headers', async () => {
    const { delivered } = await noticeUnder({ kind: 'unsigned' })
    expect(Object.keys(delivered.headers).filter((name) => name.startsWith('wechatpay-'))).toEqual([])
  })

  it.each(['Wechatpay-Timestamp', 'Wechatpay-Nonce', 'Wechatpay-Signature', 'Wechatpay-Serial', 'wechatpay-signature-type'])(
    'missing-header %s: the other four are there',
    async (field) => {
      const { delivered } = await noticeUnder({ kind: 'missing-header', field })
      const there = Object.keys(delivered.headers).filter((name) => name.startsWith('wechatpay-'))
      expect(there).toHaveLength(4)
      expect(there).not.toContain(field.toLowerCase())
    },
  )

  it('unknown-serial: rightly signed, by nobody who is known', async () => {
    const { signed, delivered, merchant } = await noticeUnder({ kind: 'unknown-serial' })
    expect(signed).toBe(true)
    const { platform } = merchant()
    expect([platform.publicKeyId, ...platform.certificates.map(({ serial }) => serial)]).not.toContain(
      header(delivered.headers, 'wechatpay-serial'),
    )
  })

  it.each([
    [{}, -301],
    [{ ms: 299_000 }, -299],
    [{ ms: -301_000 }, 301],
  ])('stale %j: rightly signed, %i s away', async (more, seconds) => {
    const { signed, delivered, frozen } = await noticeUnder({ kind: 'stale', ...more })
    expect(signed).toBe(true)
    expect(Number(header(delivered.headers, 'wechatpay-timestamp')) - Math.floor(frozen / 1000)).toBe(seconds)
  })
})

describe('R5 a v3 notice that is rightly signed and cannot be opened', () => {
  it('corrupted: one bit of the tag', async () => {
    const { signed, open, delivered, merchant } = await noticeUnder({ kind: 'corrupted' })
    expect(signed).toBe(true)
    expect(open).toThrow()
    const { resource, ...rest } = readEnvelope(delivered.body)
    const bytes = Buffer.from(resource.ciphertext, 'base64')
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
    const mended = { ...rest, resource: { ...resource, ciphertext: bytes.toString('base64') } }
    expect(openNotice({ headers: {}, body: JSON.stringify(mended) }, merchant())).toMatchObject({ trade_state: 'SUCCESS' })
  })

  it('wrong-aad', async () => {
    const { signed, open, envelope } = await noticeUnder({ kind: 'wrong-aad' })
    expect({ signed, resource: envelope()['resource'] }).toMatchObject({ signed: true, resource: { associated_data: 'refund' } })
    expect(open).toThrow()
  })

  it('truncated-base64', async () => {
    const { signed, open, delivered } = await noticeUnder({ kind: 'truncated-base64' })
    expect(signed).toBe(true)
    expect(readEnvelope(delivered.body).resource.ciphertext.length % 4).not.toBe(0)
    expect(open).toThrow()
  })

  it('other-algorithm', async () => {
    const { signed, envelope } = await noticeUnder({ kind: 'other-algorithm' })
    expect({ signed, envelope: envelope() }).toMatchObject({ signed: true, envelope: { resource: { algorithm: 'AEAD_SM4_GCM' } } })
  })

  it('not-an-object', async () => {
    const { signed, delivered } = await noticeUnder({ kind: 'not-an-object' })
    expect(signed).toBe(true)
    expect(JSON.parse(delivered.body)).toBeInstanceOf(Array)
  })

  it('oversized: more than 64 kB', async () => {
    const { signed, delivered } = await noticeUnder({ kind: 'oversized' })
    expect(signed).toBe(true)
    expect(delivered.body.length).toBeGreaterThan(65_536)
  })
})

describe('R9 a v3 notice that is genuine, and says something else than was ordered', () => {
  it.each([1, -1])('amount-off by %i', async (by) => {
    const { signed, open } = await noticeUnder({ kind: 'amount-off', by })
    expect(signed).toBe(true)
    expect(open()).toMatchObject({ amount: { total: 4580 + by, payer_total: 4580 + by, currency: 'CNY' } })
  })

  it.each(['other-appid', 'other-mchid'] as const)('%s: rightly signed, and not ours', async (kind) => {
    const { signed, open, merchant } = await noticeUnder({ kind })
    expect(signed).toBe(true)
    const ours = kind === 'other-mchid' ? { mchid: merchant().mchid } : { appid: merchant().appids[0] }
    expect(open()).not.toMatchObject(ours)
  })

  it('altered and missing: fields of the plaintext by path', async () => {
    const altered = await noticeUnder({ kind: 'altered', field: 'amount.total', value: '1' })
    expect(altered.signed).toBe(true)
    expect(altered.open()).toMatchObject({ amount: { total: 1, payer_total: 4580 } })
    const text = await noticeUnder({ kind: 'altered', field: 'out_trade_no', value: '12345678' })
    expect(text.open()).toMatchObject({ out_trade_no: '12345678' })
    const missing = await noticeUnder({ kind: 'missing', field: 'payer.openid' })
    expect(missing.signed).toBe(true)
    expect(missing.open()).toMatchObject({ payer: {}, amount: { total: 4580 } })
    expect(missing.open()).not.toHaveProperty('payer.openid')
  })

  it('altered and missing: fields of the envelope after "envelope."', async () => {
    const altered = await noticeUnder({ kind: 'altered', field: 'envelope.event_type', value: 'REFUND.SUCCESS' })
    expect({ signed: altered.signed, envelope: altered.envelope() }).toMatchObject({
      signed: true,
      envelope: { event_type: 'REFUND.SUCCESS' },
    })
    const missing = await noticeUnder({ kind: 'missing', field: 'envelope.resource.nonce' })
    expect(missing.signed).toBe(true)
    expect(missing.envelope()).not.toHaveProperty('resource.nonce')
  })
})

describe('a v3 notice that looks unusual and must be accepted', () => {
  it('unknown-fields, in the envelope and in the plaintext', async () => {
    const { signed, open, envelope, outTradeNo } = await noticeUnder({ kind: 'unknown-fields' })
    expect(signed).toBe(true)
    expect(envelope()).toMatchObject({ future_field_x: 'keep-me' })
    expect(open()).toMatchObject({ future_field_x: 'keep-me', Another_field: expect.anything(), out_trade_no: outTradeNo })
  })

  it('shuffled', async () => {
    const { signed, open, envelope } = await noticeUnder({ kind: 'shuffled' })
    expect(signed).toBe(true)
    expect(Object.keys(envelope())[0]).toBe('resource')
    expect(open()).toMatchObject({ trade_state: 'SUCCESS' })
  })
})

describe('v2-refund-xml', () => {
  it('is what the merchant platform sends to an address of v3: XML without a signature, sealed by the v2 key', async () => {
    const { delivered, merchant, outTradeNo, mchid } = await noticeUnder({ kind: 'v2-refund-xml' })
    expect(delivered.headers).toMatchObject({ 'content-type': expect.stringContaining('text/xml') })
    expect(delivered.headers).not.toHaveProperty('wechatpay-signature')
    const fields = readXml(delivered.body)
    expect(Object.fromEntries(fields)).toMatchObject({ return_code: 'SUCCESS', mch_id: mchid })
    expect(fields.has('sign')).toBe(false)
    const key = createHash('md5').update(merchant().apiKeyV2).digest('hex')
    const decipher = createDecipheriv('aes-256-ecb', key, null)
    const opened = decipher.update(fields.get('req_info') ?? '', 'base64', 'utf8') + decipher.final('utf8')
    expect(opened).toMatch(/^<root>.*<\/root>$/s)
    expect(opened).toContain(`<out_trade_no><![CDATA[${outTradeNo}]]></out_trade_no>`)
  })
})

describe('a fault of the other protocol', () => {
  it('does not strike, and is not counted', async () => {
    const bench = await openNoticeBench(noContent)
    const foreign = Object.keys(faultKinds).flatMap((kind) =>
      isFaultKind(kind) && !describeKind(kind).protocols.includes('v3') ? [bench.order({ kind })] : [],
    )
    expect(foreign.map(({ kind }) => kind)).toEqual(['other-sign-type', 'doctype', 'duplicate-field', 'sign-type-element'])
    await bench.pay()
    expect(bench.notice()).toMatchObject({ state: 'acknowledged', attempts: [{ faults: [] }] })
  })

  it('forged: was signed over what it said before', async () => {
    const { delivered, merchant, envelope } = await noticeUnder({ kind: 'forged', field: 'summary', value: '支付失败' })
    const before = JSON.stringify({ ...envelope(), summary: '支付成功' })
    const text = messageText(header(delivered.headers, 'wechatpay-timestamp'), header(delivered.headers, 'wechatpay-nonce'), before)
    expect(isSignedBy(Buffer.from(text), header(delivered.headers, 'wechatpay-signature'), merchant().platform.publicKey)).toBe(true)
  })
})
