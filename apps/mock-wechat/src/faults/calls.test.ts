import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { newNumber } from '../testing/shop.ts'
import { isSigned } from '../v2/sign.ts'
import { readXml } from '../v2/xml.ts'

/** Creates while a fault is on; tells what came back and whether the trade exists. */
async function createUnder(fault: object) {
  const bench = await openBench()
  const { shop, control, url } = bench
  await control.fault({ on: 'create', ...fault })
  const response = await fetch(`${url}/pay/unifiedorder`, { method: 'POST', body: shop.orderXml({}), signal: AbortSignal.timeout(2_000) })
    .then(async (answer) => ({ status: answer.status, date: answer.headers.get('date'), text: await answer.text() }))
    .catch((cause: unknown) => (cause instanceof Error ? cause.name : 'unknown'))
  return { ...bench, response, created: (await control.trades()).length === 1 }
}

/** The same for answers that are XML. */
async function answerUnder(fault: object) {
  const result = await createUnder(fault)
  if (typeof result.response === 'string') throw new Error(result.response)
  const fields = readXml(result.response.text)
  return { ...result, fields: Object.fromEntries(fields), signed: isSigned(fields, result.shop.key, 'HMAC-SHA256') }
}

describe('a call that gets no answer', () => {
  it.each([
    ['timeout-before', false, 'TimeoutError'],
    ['timeout-after', true, 'TimeoutError'],
    ['reset-before', false, 'TypeError'],
    ['reset-after', true, 'TypeError'],
    ['cut-off', true, 'TypeError'],
  ])('%s (takes effect: %s)', async (kind, takesEffect, error) => {
    const { response, created } = await createUnder({ kind })
    expect({ response, created }).toEqual({ response: error, created: takesEffect })
  })
})

describe('a call that gets a useless answer', () => {
  it.each([
    ['http-500', false, 500],
    ['http-502', false, 502],
    ['http-429', false, 429],
    ['html', true, 200],
  ])('%s (takes effect: %s)', async (kind, takesEffect, status) => {
    const { response, created } = await createUnder({ kind })
    expect({ response, created }).toMatchObject({ response: { status, text: expect.stringContaining('<html>') }, created: takesEffect })
  })

  it('truncated: half of the XML, and the effect', async () => {
    const { response, created } = await createUnder({ kind: 'truncated' })
    expect(response).toMatchObject({ status: 200, text: expect.stringMatching(/^<xml>(?!.*<\/xml>)/s) })
    expect(created).toBe(true)
  })

  it('doctype and duplicate-field: XML that a strict reader refuses', async () => {
    for (const kind of ['doctype', 'duplicate-field']) {
      const { response } = await createUnder({ kind })
      expect(() => readXml(typeof response === 'string' ? response : response.text)).toThrow()
    }
  })
})

describe('a call that WeChat says no to', () => {
  it.each([
    ['SYSTEMERROR', 'SYSTEMERROR', false],
    ['SYSTEMERROR-after', 'SYSTEMERROR', true],
    ['FREQUENCY_LIMITED', 'FREQUENCY_LIMITED', false],
    ['ORDERPAID', 'ORDERPAID', false],
  ])('%s: a signed %s (takes effect: %s)', async (kind, code, takesEffect) => {
    const { fields, signed, created } = await answerUnder({ kind })
    expect({ code: fields['err_code'], signed, created }).toEqual({ code, signed: true, created: takesEffect })
  })
})

describe('an answer that must not be trusted', () => {
  it.each([
    ['unsigned', {}],
    ['wrong-signature', {}],
    ['wrong-key', {}],
    ['other-sign-type', {}],
    ['forged', { field: 'code_url', value: 'weixin://evil' }],
  ])('%s: the signature does not fit', async (kind, more) => {
    const { signed, created } = await answerUnder({ kind, ...more })
    expect({ signed, created }).toEqual({ signed: false, created: true })
  })

  it.each([
    ['other-appid', 'appid'],
    ['other-mchid', 'mch_id'],
  ])('%s: rightly signed, and somebody else’s', async (kind, name) => {
    const { fields, signed, shop } = await answerUnder({ kind })
    expect(signed).toBe(true)
    expect([shop.appid, shop.mchid]).not.toContain(fields[name])
  })

  it('missing and altered: rightly signed, and wrong', async () => {
    const missing = await answerUnder({ kind: 'missing', field: 'code_url' })
    expect(missing.signed).toBe(true)
    expect(missing.fields).not.toHaveProperty('code_url')
    const altered = await answerUnder({ kind: 'altered', field: 'trade_type', value: 'APP' })
    expect(altered).toMatchObject({ signed: true, fields: { trade_type: 'APP' } })
  })
})

describe('a call that is merely odd', () => {
  it('unknown-fields: more than was known, rightly signed', async () => {
    expect(await answerUnder({ kind: 'unknown-fields' })).toMatchObject({
      signed: true,
      fields: { future_field_x: 'keep-me', result_code: 'SUCCESS' },
    })
  })

  it('delay: the honest answer, later', async () => {
    expect(await answerUnder({ kind: 'delay', ms: 5 })).toMatchObject({ signed: true, created: true, fields: { result_code: 'SUCCESS' } })
  })

  it('skew: another Date, nothing else', async () => {
    const { response, signed } = await answerUnder({ kind: 'skew', ms: -7_200_000 })
    expect(Date.now() - Date.parse(typeof response === 'string' ? '' : (response.date ?? ''))).toBeGreaterThanOrEqual(7_199_000)
    expect(signed).toBe(true)
  })
})

describe('the payer who is quicker', () => {
  it('paid-meanwhile on close: ORDERPAID, and it is true', async () => {
    const { shop, control } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await control.fault({ on: 'close', kind: 'paid-meanwhile' })
    expect(await shop.close(outTradeNo)).toMatchObject({ err_code: 'ORDERPAID' })
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: 'SUCCESS' })
  })

  it('paid-meanwhile on query: NOTPAY was true when it was said', async () => {
    const { shop, control } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await control.fault({ on: 'query', kind: 'paid-meanwhile', nth: 1 })
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: 'NOTPAY' })
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: 'SUCCESS' })
  })

  it.each(['create', 'notice'])('before-answer on %s: R10 the notice comes before the answer of the create', async (on) => {
    const { shop, control, receiver } = await openBench()
    await control.fault({ on, kind: 'before-answer' })
    const outTradeNo = newNumber()
    const answered = shop.create({ out_trade_no: outTradeNo }).then((answer) => ({ answer, noticesBefore: receiver.bodies.length }))
    expect(await answered).toMatchObject({ answer: { result_code: 'SUCCESS', code_url: expect.any(String) }, noticesBefore: 1 })
    expect(receiver.bodies[0]).toContain(outTradeNo)
  })

  it('ORDERPAID on close contradicts the ledger, as asked', async () => {
    const { shop, control } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await control.fault({ on: 'close', kind: 'ORDERPAID', times: 1 })
    expect(await shop.close(outTradeNo)).toMatchObject({ err_code: 'ORDERPAID' })
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: 'NOTPAY' })
  })
})
