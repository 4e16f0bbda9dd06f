import { describe, expect, it } from 'vitest'
import { openBench, type BenchOptions } from '../testing/bench.ts'
import { openidAt } from '../testing/payers.ts'
import { openReceiver, staySilent, type Reply } from '../testing/receiver.ts'
import { sign, signedText } from '../v2/sign.ts'
import { readXml, writeXml, type Fields } from '../v2/xml.ts'

type Bench = Awaited<ReturnType<typeof openBench>>

const noWhere = '获取商户订单信息超时或者商户返回的httpcode非200'
const badFields = '商户后台返回的数据字段结构不合法'
const badCode = '原生支付URL参数错误'

function codeOf({ shop }: Bench, changed: Record<string, string> = {}, key = shop.key): string {
  const fields: Fields = new Map(
    Object.entries({
      appid: shop.appid,
      mch_id: shop.mchid,
      product_id: 'BOOK-0042',
      time_stamp: '1772331300',
      nonce_str: 'm1Qr8Kx2Vt5LwZ0c',
      ...changed,
    }),
  )
  const query = new URLSearchParams([['sign', sign(fields, key, 'MD5')], ...fields])
  return `weixin://wxpay/bizpayurl?${query.toString().replaceAll('+', '%20')}`
}

/** The reply of a merchant, signed; undefined leaves a field out. */
function replyXml({ shop }: Bench, changed: Record<string, string | undefined>): string {
  const given: Record<string, string | undefined> = {
    return_code: 'SUCCESS',
    appid: shop.appid,
    mch_id: shop.mchid,
    nonce_str: 'Ty6WqLz3Jc0HvK5p',
    result_code: 'SUCCESS',
    ...changed,
  }
  const fields: Fields = new Map(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  if (!fields.has('sign')) fields.set('sign', sign(fields, shop.key, 'MD5'))
  return writeXml(fields, () => false)
}

/** A merchant whose callback answers what `write` says of a trade that it has just created. */
async function openShop(write: (bench: Bench, prepayId: string) => string | Reply, options: BenchOptions = {}) {
  const bench = await openBench(options)
  const { shop, control, merchant } = bench
  const prepayId = (await shop.create({ product_id: 'BOOK-0042' }))['prepay_id'] ?? ''
  const answer = write(bench, prepayId)
  const callback = await openReceiver(typeof answer === 'string' ? (response) => void response.end(answer) : answer)
  await control.call('POST', 'accounts', { mchid: merchant.mchid, scanUrl: callback.url })
  const scan = async (codeUrl = codeOf(bench), more: object = {}) => (await control.call('POST', 'scan', { codeUrl, ...more })).json
  return { ...bench, prepayId, callback, scan }
}

const honest = (bench: Bench, prepayId: string) => replyXml(bench, { prepay_id: prepayId })

describe('a printed code that is scanned', () => {
  it('asks the merchant, who signs a prepay id: the payer sees the sheet, pays, and the notice goes out', async () => {
    const { scan, callback, shop, merchant, prepayId, control, receiver } = await openShop(honest)
    const sheet = await scan()
    expect(sheet).toMatchObject({ prepayId, merchant: merchant.name, description: '青禾书店-《海图》', amountFen: 4580 })
    const asked = readXml(callback.bodies[0] ?? '')
    expect(Object.fromEntries(asked)).toEqual({
      appid: shop.appid,
      openid: openidAt(merchant),
      mch_id: shop.mchid,
      is_subscribe: 'Y',
      nonce_str: expect.stringMatching(/^\w{16}$/),
      product_id: 'BOOK-0042',
      sign: sign(asked, shop.key, 'MD5'),
    })
    await control.pay({ prepayId })
    await receiver.received(1)
    expect(await control.trades()).toMatchObject([{ state: 'SUCCESS', tradeType: 'NATIVE' }])
  })

  it('is scanned by somebody else', async () => {
    const { scan, callback, merchant } = await openShop(honest)
    await scan(undefined, { openid: 'stranger' })
    const asked = readXml(callback.bodies[0] ?? '')
    expect([asked.get('openid'), asked.get('is_subscribe')]).toEqual([openidAt(merchant, 'official-account', 'stranger'), 'N'])
    expect(await scan(undefined, { openid: 'nobody' })).toMatchObject({ code: 'unknown_user' })
  })

  it('shows the merchant’s own words when he declines', async () => {
    const { scan } = await openShop((bench) => replyXml(bench, { prepay_id: '', result_code: 'FAIL', err_code_des: '该商品已下架' }))
    expect(await scan()).toEqual({ declined: '该商品已下架' })
  })

  it('carries a product_id that has to be escaped, and signs it raw', async () => {
    const bench = await openShop(honest)
    await bench.scan(codeOf(bench, { product_id: '茶 & 书/1+1' }))
    expect(readXml(bench.callback.bodies[0] ?? '').get('product_id')).toBe('茶 & 书/1+1')
  })

  it.each([
    ['another key', (bench: Bench) => codeOf(bench, {}, 'k'.repeat(32))],
    ['another appid', (bench: Bench) => codeOf(bench, { appid: bench.other.appids[0] ?? '' })],
    ['an unknown merchant', (bench: Bench) => codeOf(bench, { mch_id: '1900000000' })],
    ['no product_id', (bench: Bench) => codeOf(bench, { product_id: '' })],
    ['a long product_id', (bench: Bench) => codeOf(bench, { product_id: 'x'.repeat(33) })],
    ['milliseconds', (bench: Bench) => codeOf(bench, { time_stamp: '1772331300000' })],
    ['a parameter too many', (bench: Bench) => codeOf(bench, { price: '1' })],
    ['a product put in later', (bench: Bench) => codeOf(bench).replace('BOOK-0042', 'BOOK-0043')],
    ['a parameter twice', (bench: Bench) => `${codeOf(bench)}&product_id=BOOK-0042`],
  ])('with %s is no code: the merchant is not asked', async (_what, code) => {
    const bench = await openShop(honest)
    expect(await bench.scan(code(bench))).toEqual({ error: badCode })
    expect(bench.callback.bodies).toEqual([])
    expect((await bench.control.call('GET', 'refusals')).json).toMatchObject({ items: [{ endpoint: 'bizpayurl', answer: badCode }] })
  })
})

describe('a merchant who does not answer as he should', () => {
  it.each<[string, Reply]>([
    ['HTTP 500', (response) => void response.writeHead(500).end()],
    ['HTTP 204', (response) => void response.writeHead(204).end()],
    ['a redirect', (response) => void response.writeHead(302, { location: '/' }).end()],
    ['a cut connection', (response) => void response.destroy()],
    ['nothing within the payer’s patience', staySilent],
  ])('%s', async (_what, reply) => {
    const { scan } = await openShop(() => reply, { noticeTimeoutMs: 300 })
    expect(await scan()).toEqual({ error: noWhere })
  })

  it('has set no address', async () => {
    const bench = await openBench()
    expect((await bench.control.call('POST', 'scan', { codeUrl: codeOf(bench) })).json).toEqual({ error: noWhere })
  })

  it.each<[string, (bench: Bench, prepayId: string) => string]>([
    ['JSON', () => '{"return_code":"SUCCESS"}'],
    ['return_code FAIL', (bench) => replyXml(bench, { return_code: 'FAIL', return_msg: '签名失败' })],
    ['no sign', (bench, prepay_id) => replyXml(bench, { prepay_id, sign: '' })],
    ['a wrong sign', (bench, prepay_id) => replyXml(bench, { prepay_id, sign: 'A'.repeat(32) })],
    ['a field changed after signing', (bench, prepay_id) => replyXml(bench, { prepay_id }).replace('Ty6W', 'Ty6X')],
    ['another merchant', (bench, prepay_id) => replyXml(bench, { prepay_id, mch_id: bench.other.mchid })],
    ['no nonce_str', (bench, prepay_id) => replyXml(bench, { prepay_id, nonce_str: undefined })],
    ['no prepay_id', (bench) => replyXml(bench, {})],
    ['a prepay_id that nobody has', (bench) => replyXml(bench, { prepay_id: `wx${'0'.repeat(34)}` })],
    ['a refusal without words', (bench) => replyXml(bench, { result_code: 'FAIL' })],
    ['no result_code', (bench, prepay_id) => replyXml(bench, { prepay_id, result_code: undefined })],
  ])('%s', async (_what, write) => {
    const { scan } = await openShop(write)
    expect(await scan()).toEqual({ error: badFields })
  })

  it('names a prepay id whose two hours are over, or that is paid', async () => {
    const { scan, control, prepayId } = await openShop(honest)
    await control.pay({ prepayId })
    expect(await scan()).toEqual({ error: badFields })
    const old = await openShop(honest)
    await old.control.advance(7_200_000)
    expect(await old.scan()).toEqual({ error: badFields })
  })
})

describe('faults on a scan', () => {
  it.each(['drop', 'unreachable', 'answer-lost'])('%s: the payer hears that the merchant does not answer', async (kind) => {
    const { scan, control, callback } = await openShop(honest)
    await control.fault({ on: 'scan', kind })
    expect(await scan()).toEqual({ error: noWhere })
    expect(callback.bodies).toHaveLength(kind === 'answer-lost' ? 1 : 0)
  })

  it('delay: the call comes when the payer has gone', async () => {
    const { scan, control, callback } = await openShop(honest, { noticeTimeoutMs: 300 })
    await control.fault({ on: 'scan', kind: 'delay', ms: 310 })
    expect(await scan()).toEqual({ error: noWhere })
    await callback.received(1)
  })

  it('duplicate-at-once: the same nonce twice', async () => {
    const { scan, control, callback, prepayId } = await openShop(honest)
    await control.fault({ on: 'scan', kind: 'duplicate-at-once' })
    expect(await scan()).toMatchObject({ prepayId })
    expect(callback.bodies).toHaveLength(2)
    expect(callback.bodies[0]).toBe(callback.bodies[1])
  })

  it.each(['wrong-signature', 'wrong-key', 'forged', 'unsigned'])('%s: the merchant can tell', async (kind) => {
    const { scan, control, callback, shop } = await openShop(honest)
    await control.fault({ on: 'scan', kind, ...(kind === 'forged' && { field: 'product_id', value: 'GOLD' }) })
    await scan()
    const asked = readXml(callback.bodies[0] ?? '')
    expect(asked.get('sign')).not.toBe(sign(asked, shop.key, 'MD5'))
  })

  it('duplicate-field and doctype make it no message at all', async () => {
    const { scan, control, callback } = await openShop(honest)
    for (const kind of ['duplicate-field', 'doctype']) {
      await control.fault({ on: 'scan', kind })
      await scan()
      await control.clearFaults()
    }
    expect(callback.bodies.map((body) => () => readXml(body))).toHaveLength(2)
    for (const body of callback.bodies) expect(() => readXml(body)).toThrow()
  })

  it('knows no kind of v3, and nothing of notices alone', async () => {
    const { control } = await openBench()
    for (const [on, kind] of [
      ['scan', 'signtest'],
      ['scan', 'late'],
      ['shorturl', 'signtest'],
      ['certificates', 'doctype'],
    ]) {
      expect(await control.call('POST', 'faults', { on, kind, ms: 1 })).toMatchObject({ status: 400 })
    }
  })
})

describe('POST /tools/shorturl', () => {
  async function shorten(bench: Bench, long: string, sent: string, signed = long) {
    const fields = bench.shop.message({ long_url: signed })
    fields.set('long_url', sent)
    const response = await fetch(`${bench.url}/tools/shorturl`, { method: 'POST', body: writeXml(fields, () => false) })
    return Object.fromEntries(readXml(await response.text()))
  }

  it('takes an address signed raw and sent encoded, or sent raw, and gives the same short one', async () => {
    const bench = await openShop(honest)
    for (const code of [codeOf(bench), codeOf(bench, { product_id: '茶 & 书' })]) {
      const encoded = await shorten(bench, code, encodeURIComponent(code))
      expect(encoded).toMatchObject({ result_code: 'SUCCESS', short_url: expect.stringMatching(/^weixin:\/\/wxpay\/s\/\w{7}$/) })
      const { sign: signature, ...rest } = encoded
      expect(signature).toBe(sign(new Map(Object.entries(rest)), bench.shop.key, 'HMAC-SHA256'))
      expect((await shorten(bench, code, code))['short_url']).toBe(encoded['short_url'])
    }
  })

  it('gives a code that is scanned as the long one, also after a restart', async () => {
    const bench = await openShop(honest)
    const code = codeOf(bench)
    const { short_url: short } = await shorten(bench, code, encodeURIComponent(code))
    expect(await bench.scan(short)).toMatchObject({ prepayId: bench.prepayId })
    await bench.mock.stop()
    const again = await openBench({ dataDir: bench.dataDir })
    expect((await again.control.call('POST', 'scan', { codeUrl: short })).json).toMatchObject({ prepayId: bench.prepayId })
  })

  it('refuses an address signed as it was sent, encoded; and says what it should have signed', async () => {
    const bench = await openBench()
    const code = codeOf(bench)
    const encoded = encodeURIComponent(code)
    expect(await shorten(bench, code, encoded, encoded)).toMatchObject({ return_code: 'FAIL', return_msg: '签名错误' })
    const { json } = await bench.control.call('GET', 'refusals')
    expect(JSON.stringify(json)).toContain(JSON.stringify(signedText(new Map([['long_url', code]]))).slice(1, -1))
  })

  it('refuses what is no code of mode 1, and nothing', async () => {
    const bench = await openBench()
    const elsewhere = 'weixin://dl/business'
    expect(await shorten(bench, elsewhere, encodeURIComponent(elsewhere))).toMatchObject({ err_code: 'PARAM_ERROR' })
    const { return_msg } = await shorten(bench, '', '')
    expect(return_msg).toBe('缺少参数')
  })

  it('answers 404 for a short code that nobody made', async () => {
    const { control } = await openBench()
    expect(await control.call('POST', 'scan', { codeUrl: 'weixin://wxpay/s/0000000' })).toMatchObject({
      status: 404,
      json: { code: 'unknown' },
    })
  })
})
