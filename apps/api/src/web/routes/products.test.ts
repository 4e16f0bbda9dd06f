import { describe, expect, it } from 'vitest'
import { ErrorBody } from 'wxpay-core/contract'
import { toFen } from 'wxpay-core/money'
import type { ProductCommands } from '../../commands/products.ts'
import { ProductNotFoundError } from '../../domain/errors.ts'
import { now } from '../../testing/shopInMemory.ts'
import { startTestApp } from '../../testing/testApp.ts'

const operatorToken = 'a1'.repeat(32)
const book = { name: '《海图》', priceFen: 4580, active: true }

/** Products in memory; `calls` tells what reached them. */
function memory(code: ProductCommands['code'] = null) {
  const calls: string[] = []
  const products: ProductCommands = {
    list: async () => (calls.push('list'), [{ productId: 'BOOK-0042', ...book, priceFen: toFen(4580) }]),
    save: async ({ productId }) => (calls.push(`save ${productId}`), productId !== 'OLD'),
    remove: async (productId) => {
      calls.push(`remove ${productId}`)
      if (productId === 'NO-SUCH') throw new ProductNotFoundError('no such product')
    },
    code,
  }
  return { products, calls }
}

async function start({ products = memory().products, token = operatorToken }: { products?: ProductCommands; token?: string | null } = {}) {
  const clock = { at: now.getTime(), now: () => new Date(clock.at) }
  const app = await startTestApp({ ...(token !== null && { operatorToken: token }), deps: { products, clock } })
  const ask = (method: string, path: string, body?: unknown, authorization = `Bearer ${operatorToken}`) =>
    fetch(`${app.url}/v1/products${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return { ...app, ask, clock }
}

const codeOf = async (response: Response) => ErrorBody.parse(await response.json()).error.code

describe('an operator', () => {
  it('lists, puts and removes products', async () => {
    const { products, calls } = memory()
    const { ask } = await start({ products })
    expect(await (await ask('GET', '')).json()).toEqual({ products: [{ productId: 'BOOK-0042', ...book }] })
    const created = await ask('PUT', '/NEW', book)
    expect({ status: created.status, body: await created.json() }).toEqual({ status: 201, body: { productId: 'NEW', ...book } })
    expect((await ask('PUT', '/OLD', book)).status).toBe(200)
    expect((await ask('DELETE', '/OLD')).status).toBe(204)
    const none = await ask('DELETE', '/NO-SUCH')
    expect([none.status, await codeOf(none)]).toEqual([404, 'product_not_found'])
    expect(calls).toEqual(['list', 'save NEW', 'save OLD', 'remove OLD', 'remove NO-SUCH'])
  })

  it('is given the code of a product, where printed codes are switched on', async () => {
    const code = { codeUrl: 'weixin://wxpay/bizpayurl?x', shortUrl: null }
    const on = await start({ products: memory(async () => code).products })
    expect(await (await on.ask('GET', '/BOOK-0042/code')).json()).toEqual(code)
    const off = await start()
    expect(await codeOf(await off.ask('GET', '/BOOK-0042/code'))).toBe('trade_type_not_enabled')
  })

  it.each([
    ['no name', { ...book, name: '' }],
    ['a price of nothing', { ...book, priceFen: 0 }],
    ['a price in yuan', { ...book, priceFen: 45.8 }],
    ['a price beyond the shop’s limit', { ...book, priceFen: 5_000_001 }],
    ['a field that nobody knows', { ...book, stock: 1 }],
  ])('is refused %s', async (_what, body) => {
    const { products, calls } = memory()
    const { ask } = await start({ products })
    expect((await ask('PUT', '/BOOK-0042', body)).status).toBe(400)
    expect(calls).toEqual([])
  })

  it.each(['%E5%9B%BE', 'a%26b', 'x'.repeat(33)])('finds no product with the number %s', async (productId) => {
    const { products, calls } = memory()
    const { ask } = await start({ products })
    for (const response of [await ask('PUT', `/${productId}`, book), await ask('DELETE', `/${productId}`)]) {
      expect([response.status, await codeOf(response)]).toEqual([404, 'product_not_found'])
    }
    expect(calls).toEqual([])
  })
})

describe('somebody who is no operator', () => {
  const requests = [
    ['GET', ''],
    ['PUT', '/BOOK-0042'],
    ['DELETE', '/BOOK-0042'],
    ['GET', '/BOOK-0042/code'],
  ] as const

  it.each([
    '',
    'Bearer',
    `Bearer ${'b2'.repeat(32)}`,
    `Bearer ${operatorToken}x`,
    `Basic ${operatorToken}`,
    `Bearer ${operatorToken.slice(1)}`,
  ])('is told so, and nothing happens: "%s"', async (authorization) => {
    const { products, calls } = memory()
    const { ask } = await start({ products })
    for (const [method, path] of requests) {
      const response = await ask(method, path, method === 'PUT' ? book : undefined, authorization)
      expect([response.status, await codeOf(response), response.headers.get('www-authenticate')]).toEqual([
        401,
        'operator_unknown',
        'Bearer',
      ])
    }
    expect(calls).toEqual([])
  })

  it('is everybody while no token is set', async () => {
    const { products, calls } = memory()
    const { ask } = await start({ products, token: null })
    for (const [method, path] of requests) expect((await ask(method, path)).status).toBe(401)
    expect(calls).toEqual([])
  })

  it('is not listened to for a minute after ten wrong tokens, even with the right one', async () => {
    const { ask, clock } = await start()
    for (let i = 0; i < 10; i += 1) expect((await ask('GET', '', undefined, `Bearer guess${i}`)).status).toBe(401)
    const limited = await ask('GET', '')
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '60'])
    clock.at += 60_000
    expect((await ask('GET', '')).status).toBe(200)
  })

  it('does not use up what an operator may do', async () => {
    const { ask } = await start()
    for (let i = 0; i < 30; i += 1) expect((await ask('GET', '')).status).toBe(200)
  })
})
