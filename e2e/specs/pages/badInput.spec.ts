import { randomUUID } from 'node:crypto'
import { ErrorBody, errorTable, routes, type ErrorCode } from 'wxpay-core/contract'
import { type RawAnswer, sendRaw } from '../../support/rawHttp.ts'
import type { Shop } from '../../support/shop.ts'
import { expect, test } from '../../support/test.ts'

const json = { 'content-type': 'application/json' }
const unknownToken = 'nobody-has-ever-made-this-order'

/** Every error is from the one table, with its status, and names all problems at once. */
function expectError(answer: RawAnswer, code: ErrorCode, params: string[] = []): void {
  const { error } = ErrorBody.parse(JSON.parse(answer.text))
  expect({ status: answer.status, code: error.code }).toEqual({ status: errorTable[code].status, code })
  expect(error.requestId).not.toBe('')
  // One thing may be wrong in two ways.
  expect([...new Set((error.problems ?? []).map(({ param }) => param))].toSorted()).toEqual(params.toSorted())
}

/** How often WeChat was called, and what it knows. */
async function atWechat(shop: Shop): Promise<unknown> {
  return { calls: await shop.count('wechat_calls_total', { call: 'prepay' }), trades: (await shop.wechat.trades()).length }
}

const badOrders: { what: string; body: string; params: string[] }[] = [
  { what: 'no amount', body: '{}', params: ['amountFen'] },
  { what: 'an amount of 0', body: '{"amountFen":0}', params: ['amountFen'] },
  { what: 'a negative amount', body: '{"amountFen":-1}', params: ['amountFen'] },
  { what: 'a fraction of a fen', body: '{"amountFen":12.5}', params: ['amountFen'] },
  { what: 'an amount above the limit', body: '{"amountFen":5000001}', params: ['amountFen'] },
  { what: 'an amount that no computer counts exactly', body: '{"amountFen":1e21}', params: ['amountFen'] },
  { what: 'an amount as text', body: '{"amountFen":"100"}', params: ['amountFen'] },
  { what: 'an amount of null', body: '{"amountFen":null}', params: ['amountFen'] },
  { what: 'a field that nobody knows', body: '{"amountFen":100,"amount":1}', params: ['amount'] },
  { what: 'a description with an emoji', body: '{"amountFen":100,"description":"🍵"}', params: ['description'] },
  { what: 'a description with a line break', body: '{"amountFen":100,"description":"a\\nb"}', params: ['description'] },
  { what: 'a description of 128 bytes', body: `{"amountFen":100,"description":"${'x'.repeat(128)}"}`, params: ['description'] },
  { what: 'a list', body: '[]', params: ['body'] },
  { what: 'three things wrong at once', body: '{"amountFen":0,"description":"","x":1}', params: ['amountFen', 'description', 'x'] },
]

for (const { what, body, params } of badOrders) {
  test(`an order with ${what} is refused: the problem is named, nothing is stored, nothing is sent to WeChat`, async ({ shop }) => {
    const before = await atWechat(shop)
    const headers = { ...json, 'idempotency-key': randomUUID() }
    expectError(await sendRaw(shop.url + routes.checkouts, { method: 'POST', headers, body }), 'invalid_request', params)
    expect(await atWechat(shop)).toEqual(before)

    const good = await sendRaw(shop.url + routes.checkouts, { method: 'POST', headers, body: '{"amountFen":100}' })
    expect(good.status, 'the key was not used up').toBe(201)
    expect(good.headers['idempotency-replayed']).toBeUndefined()
  })
}

test('a body that is not JSON, not UTF-8, not announced as JSON, or 10 MB long is refused before anything is done', async ({ shop }) => {
  const before = await atWechat(shop)
  const url = shop.url + routes.checkouts
  const send = (headers: Record<string, string>, body: string | Buffer) =>
    sendRaw(url, { method: 'POST', headers: { 'idempotency-key': randomUUID(), ...headers }, body })
  expectError(await send(json, '{"amountFen":'), 'invalid_json')
  expectError(await send(json, ''), 'invalid_json')
  expectError(await send(json, Buffer.from([0x22, 0xff, 0xfe, 0x22])), 'invalid_json')
  expectError(await send({ 'content-type': 'text/plain' }, '{"amountFen":100}'), 'unsupported_media_type')
  expectError(await send({}, '{"amountFen":100}'), 'unsupported_media_type')
  expectError(await send(json, `{"amountFen":100,"description":"${'x'.repeat(10_000_000)}"}`), 'body_too_large')
  expect(await atWechat(shop)).toEqual(before)
})

test('R1 an order without an idempotency key, or with one that was used for another order, is refused', async ({ shop }) => {
  const url = shop.url + routes.checkouts
  const order = (amountFen: number, key: Record<string, string>) =>
    sendRaw(url, { method: 'POST', headers: { ...json, ...key }, body: JSON.stringify({ amountFen }) })
  const before = await atWechat(shop)
  expectError(await order(100, {}), 'idempotency_key_missing', ['header.idempotency-key'])
  expectError(await order(100, { 'idempotency-key': 'with a space' }), 'idempotency_key_missing', ['header.idempotency-key'])
  expectError(await order(0, {}), 'invalid_request', ['amountFen', 'header.idempotency-key'])
  expect(await atWechat(shop)).toEqual(before)

  const key = { 'idempotency-key': randomUUID() }
  const first = await order(100, key)
  expect(first.status).toBe(201)
  const after = await atWechat(shop)
  const again = await order(100, key)
  expect(again).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
  expectError(await order(101, key), 'idempotency_key_reused')
  expect(await atWechat(shop)).toEqual(after)
})

test('an unknown order, address or method has its own answer', async ({ shop }) => {
  const get = (path: string) => sendRaw(shop.url + path, { method: 'GET' })
  expectError(await get(routes.checkout(unknownToken)), 'checkout_not_found')
  expectError(await get(routes.checkout('short')), 'checkout_not_found')
  expectError(await get(routes.checkoutStatus(unknownToken)), 'checkout_not_found')
  expectError(await get('/v1/nothing/here'), 'not_found')
  for (const route of [routes.checkoutCancel, routes.checkoutExtend]) {
    expectError(await sendRaw(shop.url + route(unknownToken), { method: 'POST' }), 'checkout_not_found')
  }
  const put = await sendRaw(shop.url + routes.checkouts, { method: 'PUT', headers: json, body: '{}' })
  expectError(put, 'method_not_allowed')
  expect(put.headers['allow']).toContain('POST')
})

for (const query of ['wait=abc', 'wait=26', 'wait=-1', 'wait=1.5', 'wait=1&wait=2', 'version=x', 'version=-1']) {
  test(`a status request with ?${query} is refused, and names what is wrong`, async ({ shop }) => {
    const name = `query.${query.split('=')[0] ?? ''}`
    const answer = await sendRaw(`${shop.url}${routes.checkoutStatus(unknownToken)}?${query}`, { method: 'GET' })
    expectError(answer, 'invalid_request', [name])
  })
}
