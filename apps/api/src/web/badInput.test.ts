import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { ErrorBody } from 'wxpay-core/contract'
import { startTestApp } from '../testing/testApp.ts'

async function errorOf(response: Response) {
  const { error } = ErrorBody.parse(await response.json())
  expect(error.requestId).toBe(response.headers.get('x-request-id'))
  return {
    status: response.status,
    code: error.code,
    params: error.problems && [...new Set(error.problems.map(({ param }) => param))].toSorted(),
  }
}

/** Sends bytes as they are, with headers that fetch would not let through. */
function sendRaw(
  url: string,
  { headers, body }: { headers: Record<string, string | string[]>; body?: Buffer },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method: 'POST', headers, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        resolve({ status: res.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
        req.destroy()
      })
    })
    req.on('error', reject)
    if (body) req.end(body)
    else req.flushHeaders()
  })
}

describe('what bad input gets', () => {
  it.each([
    ['{', 'invalid_json'],
    ['', 'invalid_json'],
    ['amountFen=1', 'invalid_json'],
    ['[]', 'invalid_request'],
    ['null', 'invalid_request'],
    ['"text"', 'invalid_request'],
  ])('a body %j is %s', async (body, code) => {
    const app = await startTestApp()
    expect(await errorOf(await app.post('/v1/checkouts', body))).toMatchObject({ status: 400, code })
    expect(app.calls).toEqual([])
  })

  it('bytes that are not UTF-8 are refused, not guessed', async () => {
    const app = await startTestApp()
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' }
    const body = Buffer.concat([Buffer.from('{"amountFen":1,"description":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
    const { status, text } = await sendRaw(`${app.url}/v1/checkouts`, { headers, body })
    expect(status).toBe(400)
    expect(text).toContain('invalid_json')
  })

  it.each([0, -1, 1.5, 5_000_001, '100', null, true, 1e300, [1], {}])('an amount of %j is named as amountFen', async (amountFen) => {
    const app = await startTestApp()
    expect(await errorOf(await app.post('/v1/checkouts', { amountFen }))).toEqual({
      status: 400,
      code: 'invalid_request',
      params: ['amountFen'],
    })
    expect(app.calls).toEqual([])
  })

  it.each(['', ' a', 'a\nb', '🎁', '店'.repeat(43), '\ud800'])('a description of %j is named', async (description) => {
    const app = await startTestApp()
    expect(await errorOf(await app.post('/v1/checkouts', { amountFen: 1, description }))).toMatchObject({
      status: 400,
      params: ['description'],
    })
  })

  it('all problems are named at once, in every part of the request', async () => {
    const app = await startTestApp()
    const response = await app.post(
      '/v1/checkouts',
      { amountFen: '1', description: '', price: 1 },
      { headers: { 'Idempotency-Key': 'a b' } },
    )
    expect(await errorOf(response)).toEqual({
      status: 400,
      code: 'invalid_request',
      params: ['amountFen', 'description', 'header.idempotency-key', 'price'],
    })
  })

  it.each(['__proto__', 'constructor', 'prototype', 'tradeType'])('an unknown field %s is refused and harmless', async (field) => {
    const app = await startTestApp()
    const response = await app.post('/v1/checkouts', `{"amountFen": 1, "${field}": {"isAdmin": true}}`)
    expect(await errorOf(response)).toEqual({ status: 400, code: 'invalid_request', params: [field] })
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined()
  })

  it('says missing where nothing was sent', async () => {
    const app = await startTestApp()
    const body = ErrorBody.parse(await (await app.post('/v1/checkouts', {})).json())
    expect(body.error.problems).toMatchObject([{ param: 'amountFen', code: 'missing' }])
  })

  it.each(['/v1/checkouts', 'payments'])('R1 POST %s needs one idempotency key of visible ASCII', async (path) => {
    const app = await startTestApp()
    const address = path === 'payments' ? `/v1/checkouts/${app.shop.add().order.token}/payments` : path
    const body = JSON.stringify(path === 'payments' ? { tradeType: 'native' } : { amountFen: 1 })
    const send = (key: string | string[] | undefined) =>
      sendRaw(app.url + address, {
        headers: { 'Content-Type': 'application/json', ...(key === undefined ? {} : { 'Idempotency-Key': key }) },
        body: Buffer.from(body),
      })
    for (const key of [undefined, '', 'with space', 'é', 'x'.repeat(256), ['a', 'b']]) {
      const { status, text } = await send(key)
      expect({ key, status, code: ErrorBody.parse(JSON.parse(text)).error.code }).toEqual({
        key,
        status: 400,
        code: 'idempotency_key_missing',
      })
    }
    expect(app.calls).toEqual([])
    expect((await send('x'.repeat(255))).status).toBe(201)
  })

  it.each(['text/plain', 'application/xml', 'application/json; charset=gbk', 'multipart/form-data'])(
    'content of type %s gets 415',
    async (type) => {
      const app = await startTestApp()
      expect(await errorOf(await app.post('/v1/checkouts', { amountFen: 1 }, { headers: { 'Content-Type': type } }))).toMatchObject({
        status: 415,
        code: 'unsupported_media_type',
      })
    },
  )

  it('a body of 10 MB gets 413 before it is sent', async () => {
    const app = await startTestApp()
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'k', 'Content-Length': '10000000' }
    const { status, text } = await sendRaw(`${app.url}/v1/checkouts`, { headers })
    expect({ status, code: ErrorBody.parse(JSON.parse(text)).error.code }).toEqual({ status: 413, code: 'body_too_large' })
  })

  it('a body of 10 MB that is being sent, of whatever length it says, gets 413', async () => {
    const app = await startTestApp()
    const big = 'x'.repeat(10_000_000)
    expect(await errorOf(await app.post('/v1/checkouts', big))).toMatchObject({ status: 413, code: 'body_too_large' })
    const stream = new Blob([big]).stream()
    const chunked = { body: stream, duplex: 'half' } as RequestInit
    expect(await errorOf(await app.post('/v1/checkouts', '', chunked))).toMatchObject({ status: 413, code: 'body_too_large' })
    expect(app.calls).toEqual([])
  })

  it('a connection is good for the next request after a body that was a little too large', async () => {
    const app = await startTestApp()
    expect((await app.post('/v1/checkouts', 'x'.repeat(20_000))).status).toBe(413)
    expect((await app.post('/v1/checkouts', { amountFen: 1 })).status).toBe(201)
  })

  it.each(['AAAAAAAAAAAAAAAAAAAAAA', 'short', '%00', 'a%2Fb', '..%2f..%2fetc', 'x'.repeat(500)])(
    'the unknown token %s gets 404',
    async (token) => {
      const app = await startTestApp()
      for (const response of [
        await app.get(`/v1/checkouts/${token}`),
        await app.get(`/v1/checkouts/${token}/status?version=1&wait=5`),
        await app.post(`/v1/checkouts/${token}/payments`, { tradeType: 'native' }),
        await app.post(`/v1/checkouts/${token}/extend`, ''),
        await app.post(`/v1/checkouts/${token}/cancel`, ''),
      ]) {
        expect(await errorOf(response)).toMatchObject({ status: 404, code: 'checkout_not_found' })
      }
    },
  )

  it.each([
    ['wait=abc', ['query.wait']],
    ['wait=26&version=1', ['query.wait']],
    ['wait=-1', ['query.wait']],
    ['wait=1.5', ['query.wait']],
    ['wait=', ['query.wait']],
    ['wait=1&wait=2', ['query.wait']],
    ['version=x&wait=x', ['query.version', 'query.wait']],
    ['verison=1', ['query.verison']],
  ])('status?%s names its problems', async (query, params) => {
    const app = await startTestApp()
    const { order } = app.shop.add()
    expect(await errorOf(await app.get(`/v1/checkouts/${order.token}/status?${query}`))).toEqual({
      status: 400,
      code: 'invalid_request',
      params,
    })
  })

  it.each([
    ['DELETE', '/v1/checkouts', 'POST'],
    ['GET', '/v1/checkouts', 'POST'],
    ['PUT', '/v1/checkouts/AAAAAAAAAAAAAAAAAAAAAA', 'GET, HEAD'],
    ['POST', '/v1/checkouts/AAAAAAAAAAAAAAAAAAAAAA/status', 'GET, HEAD'],
    ['GET', '/v1/checkouts/AAAAAAAAAAAAAAAAAAAAAA/cancel', 'POST'],
    ['POST', '/v1/shop', 'GET, HEAD'],
    ['OPTIONS', '/v1/shop', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
    ['POST', '/pay/AAAAAAAAAAAAAAAAAAAAAA', 'GET, HEAD'],
  ])('%s %s gets 405 and is told what is allowed', async (method, path, allow) => {
    const app = await startTestApp()
    const response = await app.get(path, { method })
    expect(response.headers.get('allow')).toBe(allow)
    expect(await errorOf(response)).toMatchObject({ status: 405, code: 'method_not_allowed' })
  })

  it.each(['/v1', '/v1/nothing', '/v1/checkouts/a/b/c', '/notices/v3', '/assets/none.js'])('GET %s gets 404', async (path) => {
    const app = await startTestApp()
    expect(await errorOf(await app.get(path))).toMatchObject({ status: 404, code: 'not_found' })
  })
})
