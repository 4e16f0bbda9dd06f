import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { forgetWatches, noteWatches } from './orderWatches.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.sql('DELETE FROM order_watches'))
afterAll(() => shop.close())

const note = (tokens: string[]) => {
  const now = shop.clock.now()
  return shop.db.transaction().execute((tx) => noteWatches(tx, tokens, { now, until: new Date(now.getTime() + 10_000) }))
}

describe('what is noted of watched orders', () => {
  it('R16 tells which ones nobody watched just before', async () => {
    expect(await note(['b', 'a'])).toEqual(['a', 'b'])
    shop.clock.advance(3_000)
    expect(await note(['a', 'c'])).toEqual(['c'])
    shop.clock.advance(9_000)
    expect(await note(['a', 'b'])).toEqual(['b'])
  })

  it('R25 takes as many as there can be pages: 70,000 in one statement', async () => {
    const tokens = Array.from({ length: 70_000 }, (_, n) => `token-${n}`)
    expect(await note(tokens)).toHaveLength(70_000)
    expect(await note(tokens)).toEqual([])
  })

  it('R16 is noted by several processes at once without a deadlock', async () => {
    const tokens = Array.from({ length: 200 }, (_, n) => `token-${n}`)
    await Promise.all(Array.from({ length: 8 }, (_, n) => note(n % 2 ? tokens : tokens.toReversed())))
    expect(await shop.sql('SELECT count(*)::int AS count FROM order_watches')).toEqual([{ count: 200 }])
  })

  it('is forgotten when it is long over', async () => {
    await note(['a'])
    shop.clock.advance(60_000)
    await note(['b'])
    await shop.db.transaction().execute((tx) => forgetWatches(tx, new Date(shop.clock.now().getTime() - 30_000)))
    expect(await shop.sql('SELECT token FROM order_watches')).toEqual([{ token: 'b' }])
  })
})
