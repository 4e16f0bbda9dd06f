import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { newNumber } from '../testing/shop.ts'

describe('the payer', () => {
  it('scans, sees what it is about, mistypes, and pays', async () => {
    const { shop, control, merchant } = await openBench()
    const outTradeNo = newNumber()
    const { code_url: codeUrl } = await shop.create({ out_trade_no: outTradeNo, body: '海图' })
    expect(await control.call('POST', 'scan', { codeUrl })).toEqual({
      status: 200,
      json: { merchant: merchant.name, description: '海图', amountFen: 4580, outTradeNo },
    })
    expect(await control.call('POST', 'fail', { codeUrl })).toMatchObject({
      status: 200,
      json: { declines: [{ reason: 'wrong-password' }] },
    })
    expect(await control.call('POST', 'cancel', { codeUrl })).toMatchObject({
      status: 200,
      json: { state: 'NOTPAY', declines: [{}, { reason: 'cancelled' }] },
    })
    expect(await control.call('POST', 'pay', { codeUrl, openid: 'oPayer' })).toMatchObject({
      status: 200,
      json: { state: 'SUCCESS', amountFen: 4580, openid: 'oPayer', transactionId: expect.any(String), noticeId: expect.any(String) },
    })
  })

  it('pays once, also with twenty thumbs', async () => {
    const { shop, control } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    const answers = await Promise.all(Array.from({ length: 20 }, () => control.call('POST', 'pay', { outTradeNo })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19)
    expect(await control.notices()).toHaveLength(1)
  })

  it.each(['scan', 'pay', 'fail', 'cancel'])('%s says why it cannot: unknown, expired, closed, paid', async (action) => {
    const { shop, control } = await openBench()
    const [expired, closed, paid] = [newNumber(), newNumber(), newNumber()]
    const codes = await Promise.all([expired, closed, paid].map(async (out_trade_no) => (await shop.create({ out_trade_no }))['code_url']))
    await shop.close(closed)
    await control.pay({ outTradeNo: paid })
    await control.advance(900_000)
    const answers = await Promise.all(
      ['weixin://wxpay/bizpayurl?pr=0000000', ...codes].map((codeUrl) => control.call('POST', action, { codeUrl })),
    )
    expect(answers).toMatchObject([
      { status: 404, json: { code: 'unknown' } },
      { status: 409, json: { code: 'expired' } },
      { status: 409, json: { code: 'closed' } },
      { status: 409, json: { code: 'paid' } },
    ])
  })

  it('cannot use a coupon above the price', async () => {
    const { shop, control } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    expect(await control.call('POST', 'pay', { outTradeNo, couponFen: 4581 })).toMatchObject({
      status: 400,
      json: { problems: [{ param: 'couponFen' }] },
    })
  })
})

describe('R15 money whose bank was slow', () => {
  it.each(['closed', 'expired'])('makes a %s trade paid, and is announced', async (standing) => {
    const { shop, control, receiver } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    if (standing === 'closed') await shop.close(outTradeNo)
    else await control.advance(900_000)
    expect(await control.call('POST', 'pay', { outTradeNo })).toMatchObject({ status: 409, json: { code: standing } })
    expect(await control.call('POST', 'pay', { outTradeNo, late: true })).toMatchObject({ status: 200, json: { state: 'SUCCESS' } })
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: 'SUCCESS' })
    await receiver.received(1)
    expect(await control.call('POST', 'pay', { outTradeNo, late: true })).toMatchObject({ status: 409, json: { code: 'paid' } })
  })
})

describe('how WeChat signs', () => {
  it('is shown, and set for one merchant or for all', async () => {
    const { control, merchant, other } = await openBench()
    expect(merchant.signing).toMatchObject({ mode: 'pubkey', probes: 0 })
    const { json } = await control.call('POST', 'signing', { mchid: merchant.mchid, mode: 'mixed', share: 0.1 })
    expect(json).toMatchObject({ items: [{ mchid: merchant.mchid, signing: { mode: 'mixed', share: 0.1, probes: 0 } }] })
    expect((await control.merchants())[1]?.signing).toEqual(other.signing)
    await control.call('POST', 'signing', { probes: 3 })
    expect((await control.merchants()).map(({ signing }) => signing)).toMatchObject([
      { mode: 'mixed', share: 0.1, probes: 3 },
      { mode: 'pubkey', probes: 3 },
    ])
  })

  it('rotates the certificate, and shows the newest', async () => {
    const { control, merchant, other } = await openBench()
    expect(await control.call('POST', 'certificates/rotate', { mchid: merchant.mchid })).toMatchObject({ status: 200 })
    const [first, second] = await control.merchants()
    expect(first?.platform).toMatchObject({
      publicKeyId: merchant.platform.publicKeyId,
      certificate: expect.stringContaining('CERTIFICATE'),
    })
    expect(first?.platform.serial).not.toBe(merchant.platform.serial)
    expect(second).toEqual(other)
  })

  it('never shows WeChat’s own private keys', async () => {
    const { control } = await openBench()
    const { json } = await control.call('GET', 'merchants')
    expect(JSON.stringify(json).match(/BEGIN PRIVATE KEY/g)).toHaveLength(2) // the merchants' own
  })

  it.each(['signing', 'certificates/rotate'])('%s knows no other merchants', async (path) => {
    const { control } = await openBench()
    const body = path === 'signing' ? { mchid: '1', mode: 'cert' } : { mchid: '1' }
    expect(await control.call('POST', path, body)).toMatchObject({ status: 404, json: { code: 'unknown_merchant' } })
  })
})

describe('the control side', () => {
  it('shows two merchants that differ in everything', async () => {
    const { merchant, other } = await openBench()
    expect(merchant).toMatchObject({
      mchid: expect.stringMatching(/^\d{10}$/),
      apiKeyV2: expect.stringMatching(/^[0-9A-Za-z]{32}$/),
      name: '青禾书店',
    })
    expect(new Set([merchant.mchid, other.mchid, ...merchant.appids, ...other.appids, merchant.apiKeyV2, other.apiKeyV2])).toHaveLength(8)
  })

  it.each([
    ['scan', {}, ['codeUrl']],
    ['scan', { codeUrl: 7, more: 1 }, ['codeUrl', 'more']],
    ['pay', {}, ['codeUrl']],
    ['pay', { codeUrl: 'x', outTradeNo: 'y' }, ['codeUrl']],
    ['pay', { outTradeNo: 'y', couponFen: 1.5, tip: 1 }, ['couponFen', 'tip']],
    ['pay', { outTradeNo: 'y', late: 'yes' }, ['late']],
    ['fail', { outTradeNo: 'y', reason: 'rain' }, ['reason']],
    ['signing', {}, ['mode']],
    ['signing', { mode: 'sm2', share: 2, probes: -1, key: 'x' }, ['mode', 'share', 'probes', 'key']],
    ['certificates/rotate', { all: true }, ['all']],
    ['clock', { advanceMs: -1 }, ['advanceMs']],
    ['clock', { advanceMs: '1000' }, ['advanceMs']],
    ['reset', { all: true }, ['all']],
    ['faults', { on: 'x', kind: 'y', nth: 0, times: 1.5, probability: 2 }, ['on', 'kind', 'nth', 'times', 'probability']],
    ['faults', { on: 'create', kind: 'drop' }, ['on']],
    ['faults', { on: 'certificates', kind: 'doctype' }, ['on']],
    ['faults', { on: 'create', kind: 'corrupted' }, ['on']],
    ['faults', { on: 'notice', kind: 'missing-header' }, ['field']],
    ['faults', { on: 'notice', kind: 'forged' }, ['field', 'value']],
    ['faults', { on: 'notice', kind: 'drop', ms: 5 }, ['ms']],
  ])('POST %s %j: 400 that names every problem', async (path, body, params) => {
    const { control } = await openBench()
    const { status, json } = await control.call('POST', path, body)
    expect(status).toBe(400)
    expect(json).toMatchObject({
      code: 'invalid',
      problems: expect.toSatisfy(
        (problems: { param: string }[]) =>
          problems
            .map(({ param }) => param)
            .toSorted()
            .join() === params.toSorted().join(),
      ),
    })
  })

  it('refuses what is not JSON', async () => {
    const { url } = await openBench()
    const form = await fetch(`${url}/_control/reset`, { method: 'POST', body: 'a=1' })
    expect(form.status).toBe(415)
    const broken = await fetch(`${url}/_control/reset`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })
    expect(broken.status).toBe(400)
  })

  it.each([
    ['a name that merely points here', { host: 'evil.example' }],
    ['a web page of another origin', { 'sec-fetch-site': 'cross-site' }],
    ['a web page of another port', { 'sec-fetch-site': 'same-site' }],
  ])('refuses %s', async (_, headers) => {
    const { url } = await openBench()
    const status = await new Promise<number | undefined>((resolve) => {
      request(`${url}/_control/reset`, { method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).end()
    })
    expect(status).toBe(403)
  })

  it('knows no other notices, and 404 for them', async () => {
    const { control } = await openBench()
    expect(await control.call('POST', 'notices/nothing/resend')).toMatchObject({ status: 404, json: { code: 'unknown_notice' } })
  })

  it('empties on reset and keeps the merchants', async () => {
    const { shop, control, merchant } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await control.pay({ outTradeNo })
    await control.fault({ on: '*', kind: 'delay', ms: 1 })
    await control.advance(1_000)
    await control.reset()
    expect([await control.trades(), await control.notices()]).toEqual([[], []])
    expect((await control.call('GET', 'faults')).json).toMatchObject({ items: [] })
    expect((await control.call('GET', 'health')).json).toMatchObject({ status: 'ok', offsetMs: 0 })
    expect((await control.merchants())[0]).toEqual(merchant)
  })

  it('filters trades and notices', async () => {
    const { shop, control } = await openBench()
    const [paid, open] = [newNumber(), newNumber()]
    for (const out_trade_no of [paid, open]) await shop.create({ out_trade_no })
    await control.pay({ outTradeNo: paid })
    expect((await control.call('GET', 'trades?state=NOTPAY')).json).toMatchObject({ items: [{ outTradeNo: open }] })
    expect((await control.call('GET', `trades?outTradeNo=${paid}`)).json).toMatchObject({ items: [{ outTradeNo: paid, state: 'SUCCESS' }] })
    expect((await control.call('GET', `notices?outTradeNo=${open}`)).json).toEqual({ items: [] })
    expect((await control.call('GET', 'trades?status=x')).status).toBe(400)
  })
})

describe('the phone', () => {
  it.each(['/phone', '/phone/phone.js', '/phone/phone.css', '/phone/words.js', '/phone/icon.svg'])(
    '%s comes with a strict policy',
    async (path) => {
      const { url } = await openBench()
      const response = await fetch(url + path)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/)
      expect(await response.text()).not.toMatch(/unsafe|<script>|style="| on[a-z]+="/)
    },
  )
})
