import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { isSignedBy, messageText } from './sign.ts'

/** Creates over v3 while a fault is on: what came back, and whether it fits WeChat's key. */
async function createUnder(fault: object) {
  const bench = await openBench()
  const { jsonShop, control, merchant } = bench
  await control.fault({ on: 'create', ...fault })
  const answer = await jsonShop.create()
  const header = (name: string) => answer.headers.get(name)
  const text = messageText(header('wechatpay-timestamp') ?? '', header('wechatpay-nonce') ?? '', answer.text)
  const fits = isSignedBy(Buffer.from(text), header('wechatpay-signature') ?? '', merchant.platform.publicKey)
  return { ...bench, answer, header, fits, created: (await control.trades()).length === 1 }
}

describe('a call of v3 that gets no answer', () => {
  it.each([
    ['timeout-before', false],
    ['timeout-after', true],
    ['reset-before', false],
    ['reset-after', true],
    ['cut-off', true],
  ])('%s (takes effect: %s)', async (kind, takesEffect) => {
    const { jsonShop, control } = await openBench()
    await control.fault({ on: 'create', kind })
    const body = JSON.stringify(jsonShop.order())
    const attempt = jsonShop.send('POST', '/v3/pay/transactions/native', body, { timeoutMs: 1_000 })
    await expect(attempt).rejects.toThrow()
    expect((await control.trades()).length === 1).toBe(takesEffect)
  })
})

describe('a call of v3 that WeChat says no to', () => {
  it.each([
    ['SYSTEMERROR', 500, 'SYSTEM_ERROR', false],
    ['SYSTEMERROR-after', 500, 'SYSTEM_ERROR', true],
    ['FREQUENCY_LIMITED', 429, 'FREQUENCY_LIMITED', false],
    ['ORDERPAID', 400, 'ORDERPAID', false],
  ])('%s: %i %s, unsigned (takes effect: %s)', async (kind, status, code, takesEffect) => {
    const { answer, header, created } = await createUnder({ kind })
    expect({ status: answer.status, code: answer.body['code'], created }).toEqual({ status, code, created: takesEffect })
    expect(header('wechatpay-signature')).toBeNull()
  })

  it('http-202: signed, without a body and without effect', async () => {
    const { answer, fits, created } = await createUnder({ kind: 'http-202' })
    expect({ status: answer.status, text: answer.text, fits, created }).toEqual({ status: 202, text: '', fits: true, created: false })
  })

  it.each([
    ['http-500', 500],
    ['http-502', 502],
    ['http-429', 429],
    ['html', 200],
  ])('%s: a page', async (kind, status) => {
    const { answer } = await createUnder({ kind })
    expect(answer).toMatchObject({ status, text: expect.stringContaining('<html>') })
  })
})

describe('an answer of v3 that must not be trusted', () => {
  it.each([
    ['unsigned', {}],
    ['wrong-signature', {}],
    ['wrong-key', {}],
    ['signtest', {}],
    ['forged', { field: 'code_url', value: 'weixin://evil' }],
    ['truncated', {}],
  ])('%s: the signature does not fit', async (kind, more) => {
    const { fits, created, answer } = await createUnder({ kind, ...more })
    expect({ fits, created, status: answer.status }).toEqual({ fits: false, created: true, status: 200 })
  })

  it('signtest: a value that says what it is', async () => {
    const { header } = await createUnder({ kind: 'signtest' })
    expect(header('wechatpay-signature')).toMatch(/^WECHATPAY\/SIGNTEST\//)
  })

  it('unknown-serial, stale and missing-header: rightly signed, and not to be used', async () => {
    const unknown = await createUnder({ kind: 'unknown-serial' })
    expect({ fits: unknown.fits, known: unknown.header('wechatpay-serial') === unknown.merchant.platform.publicKeyId }).toEqual({
      fits: true,
      known: false,
    })
    const stale = await createUnder({ kind: 'stale' })
    expect(stale.fits).toBe(true)
    expect(Date.now() / 1000 - Number(stale.header('wechatpay-timestamp'))).toBeGreaterThanOrEqual(300)
    expect((await createUnder({ kind: 'missing-header', field: 'Wechatpay-Nonce' })).header('wechatpay-nonce')).toBeNull()
  })

  it('not-an-object, altered and missing: rightly signed, and wrong', async () => {
    expect(await createUnder({ kind: 'not-an-object' })).toMatchObject({ fits: true, answer: { text: expect.stringMatching(/^\[/) } })
    const altered = await createUnder({ kind: 'altered', field: 'code_url', value: 'x' })
    expect(altered).toMatchObject({ fits: true, answer: { body: { code_url: 'x' } } })
    expect(await createUnder({ kind: 'missing', field: 'code_url' })).toMatchObject({ fits: true, answer: { body: {} } })
  })

  it('skew: another Date, nothing else', async () => {
    const { header, fits } = await createUnder({ kind: 'skew', ms: -7_200_000 })
    expect(Date.now() - Date.parse(header('date') ?? '')).toBeGreaterThanOrEqual(7_199_000)
    expect(fits).toBe(true)
  })
})

describe('the payer who is quicker, over v3', () => {
  it('paid-meanwhile on close: ORDERPAID, and it is true', async () => {
    const { jsonShop, control } = await openBench()
    await jsonShop.create({ out_trade_no: 'T0000001' })
    await control.fault({ on: 'close', kind: 'paid-meanwhile' })
    expect(await jsonShop.close('T0000001')).toMatchObject({ status: 400, body: { code: 'ORDERPAID' } })
    expect((await jsonShop.query('T0000001')).body).toMatchObject({ trade_state: 'SUCCESS' })
  })

  it('paid-meanwhile on query: NOTPAY was true when it was said', async () => {
    const { jsonShop, control } = await openBench()
    await jsonShop.create({ out_trade_no: 'T0000001' })
    await control.fault({ on: 'query', kind: 'paid-meanwhile', nth: 1 })
    expect((await jsonShop.query('T0000001')).body).toMatchObject({ trade_state: 'NOTPAY' })
    expect((await jsonShop.query('T0000001')).body).toMatchObject({ trade_state: 'SUCCESS' })
  })

  it('R10 before-answer: the notice comes before the answer of the create', async () => {
    const { jsonShop, control, receiver } = await openBench()
    await control.fault({ on: 'create', kind: 'before-answer' })
    const noticesBefore = await jsonShop.create().then(() => receiver.bodies.length)
    expect(noticesBefore).toBe(1)
  })
})
