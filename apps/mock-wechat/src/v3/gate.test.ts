import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import type { RequestChanges } from '../testing/jsonShop.ts'

const native = '/v3/pay/transactions/native'
const format = 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》'
const payment = '签名信息错误，验签失败'

/** A bare request: fetch always adds Accept and User-Agent. */
async function bare(url: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const call = request(url, { method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString('utf8') }))
    })
    call.on('error', reject).end()
  })
}

describe('the gate in front of every call of v3', () => {
  it.each([
    ['GET', '/v3/pay/transactions/app', 404],
    ['POST', '/v3/nothing', 404],
    ['GET', native, 405],
    ['DELETE', '/v3/certificates', 405],
  ])('%s %s without Authorization: %i without a body', async (method, path, status) => {
    const { url } = await openBench()
    const answer = await fetch(`${url}${path}`, { method })
    expect({ status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') }).toEqual({
      status,
      text: '',
      type: null,
    })
    expect(answer.headers.get('request-id')).toMatch(/^[0-9A-F]{44}-0$/)
  })

  it.each([{ Accept: 'application/json' }, { 'User-Agent': 'shop' }])(
    'wants Accept and User-Agent: only %j is 400, before Authorization',
    async (headers) => {
      const { url } = await openBench()
      const answer = await bare(`${url}/v3/certificates`, headers)
      expect(answer.status).toBe(400)
      expect(JSON.parse(answer.text)).toEqual({ code: 'INVALID_REQUEST', message: 'Http头缺少Accept或User-Agent' })
    },
  )

  it('skips these two for payments: the Authorization is missed first', async () => {
    const { url } = await openBench()
    const answer = await bare(`${url}${native}`, {}, 'POST')
    expect(answer.status).toBe(401)
    expect(JSON.parse(answer.text)).toEqual({ code: 'SIGN_ERROR', message: payment })
  })

  it.each<[string, string, RequestChanges, string]>([
    ['certificates', 'no Authorization', { headers: { Authorization: undefined } }, format],
    ['native', 'no Authorization', { headers: { Authorization: undefined } }, payment],
    ['certificates', 'another scheme', { headers: { Authorization: 'Bearer abc' } }, 'HTTP头Authorization认证类型不正确'],
    [
      'certificates',
      'national crypto',
      { headers: { Authorization: 'WECHATPAY2-SM2-WITH-SM3 mchid="1"' } },
      'HTTP头Authorization认证类型不正确',
    ],
    ['native', 'another scheme', { headers: { Authorization: 'Bearer abc' } }, payment],
    ['certificates', 'an old clock', { skewSeconds: -302 }, 'Http头Authorization中的timestamp与发起请求的时间不得超过5分钟'],
    ['native', 'a fast clock', { skewSeconds: 302 }, 'Http头Authorization中的timestamp与发起请求的时间不得超过5分钟'],
    ['native', 'another serial', { serial: '0'.repeat(40) }, '商户证书序列号有误。请使用签名私钥匹配的证书序列号'],
    ['native', 'a foreign mchid', { mchid: '1900000109' }, '商户证书序列号有误。请使用签名私钥匹配的证书序列号'],
  ])('%s with %s: 401 SIGN_ERROR, unsigned', async (endpoint, _what, changes, message) => {
    const { jsonShop } = await openBench()
    const answer = endpoint === 'native' ? await jsonShop.create({}, changes) : await jsonShop.certificates(changes)
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 401, body: { code: 'SIGN_ERROR', message } })
    expect([...answer.headers.keys()].filter((name) => name.startsWith('wechatpay'))).toEqual([])
    expect(answer.headers.get('request-id')).toMatch(/-268443699$/)
  })

  it.each([
    ['mchid=', "mchid='1'"],
    ['a blank after a comma', (good: string) => good.replace(',nonce_str', ', nonce_str')],
    ['a name twice', (good: string) => `${good},mchid="1"`],
    ['a name more', (good: string) => `${good},more="1"`],
    ['a comma at the end', (good: string) => `${good},`],
    ['no serial', (good: string) => good.replace(/serial_no="[^"]*",/, '')],
    ['a timestamp that is no number', (good: string) => good.replace(/timestamp="[^"]*"/, 'timestamp="now"')],
  ])('refuses pairs with %s', async (_what, change) => {
    const { jsonShop } = await openBench()
    const good = 'mchid="1",nonce_str="n",timestamp="1",serial_no="S",signature="a=="'
    const pairs = typeof change === 'string' ? change : change(good)
    const answer = await jsonShop.certificates({ headers: { Authorization: `WECHATPAY2-SHA256-RSA2048 ${pairs}` } })
    expect(answer.body).toEqual({ code: 'SIGN_ERROR', message: format })
  })

  it('shows what the signature should have covered, cut after eight bytes of the body', async () => {
    const { jsonShop, control } = await openBench()
    const answer = await jsonShop.create({}, { sentBody: '{"amount":{"total":1}}' })
    expect(answer.status).toBe(401)
    const nonce = expect.stringMatching(/^POST\n\/v3\/pay\/transactions\/native\n\d{10}\n[0-9a-f]{32}\n\{"amount\n$/)
    expect(answer.body).toEqual({
      code: 'SIGN_ERROR',
      message: '签名错误',
      detail: {
        detail: { issue: 'sign not match' },
        field: 'signature',
        location: 'authorization',
        sign_information: { method: 'POST', sign_message_length: 100, truncated_sign_message: nonce, url: native },
      },
    })
    expect((await control.call('GET', 'refusals')).json).toMatchObject({
      items: [
        {
          endpoint: `POST ${native}`,
          answer: '401 SIGN_ERROR 签名错误',
          reason: expect.stringContaining(String.raw`{\"amount\":{\"total\":1}}`),
        },
      ],
    })
  })

  it.each(['{', '[]', 'null', '"x"', ''])('reads the body %j only after the signature: 400 PARAM_ERROR', async (text) => {
    const { jsonShop } = await openBench()
    const answer = await jsonShop.send('POST', native, text)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ code: 'PARAM_ERROR' })
  })

  it('checks the fields before it asks whose they are', async () => {
    const { jsonShop } = await openBench()
    const foreign = { mchid: '1900000109' }
    expect((await jsonShop.create({ ...foreign, amount: { total: 0 } })).body).toMatchObject({ detail: { value: 0 } })
    expect((await jsonShop.create(foreign)).body).toEqual({
      code: 'PARAM_ERROR',
      message: 'http header中的mchid与post payload中的mchid不匹配',
    })
  })
})

describe('every answer of v3', () => {
  it('has a Request-ID, is JSON in UTF-8, and is not to be cached', async () => {
    const { jsonShop } = await openBench()
    for (const [answer, internal] of [
      [await jsonShop.create(), '0'],
      [await jsonShop.query('T00000001'), '268512771'],
    ] as const) {
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(answer.headers.get('cache-control')).toBe('no-cache, must-revalidate')
      expect(answer.headers.get('request-id')).toMatch(new RegExp(`^[0-9A-F]{44}-${internal}$`))
    }
  })
})
