import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { pauseCalls, reserveCall } from './callBudgets.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
afterAll(() => shop.close())

/** One call in ten minutes, so that how long the test takes does not matter. */
const perSecond = 1 / 600

describe('a budget of calls', () => {
  it('R16 is shared: callers at once are given places one gap apart', async () => {
    const name = randomUUID()
    const waits = await Promise.all(Array.from({ length: 5 }, () => reserveCall(shop.db, { name, perSecond, horizonMs: 10_000_000 })))
    const minutes = waits.map((waitMs) => Math.round((waitMs ?? Number.NaN) / 600_000)).toSorted((a, b) => a - b)
    expect(minutes).toEqual([0, 1, 2, 3, 4])
  })

  it('R16 is not reserved further than its horizon, so that a rush that is over leaves no queue behind', async () => {
    const name = randomUUID()
    const ask = () => reserveCall(shop.db, { name, perSecond, horizonMs: 1_500_000 })
    const waits = await Promise.all(Array.from({ length: 20 }, ask))
    expect(waits.filter((waitMs) => waitMs !== undefined)).toHaveLength(3)
    expect(await ask()).toBeUndefined()
    const [row] = await shop.sql(`SELECT next_at < clock_timestamp() + interval '25 min' AS near FROM call_budgets WHERE name = $1`, [name])
    expect(row).toEqual({ near: true })
  })

  it('R16 gives no places while WeChat has asked for fewer calls', async () => {
    const name = randomUUID()
    await reserveCall(shop.db, { name, perSecond, horizonMs: 10_000_000 })
    await pauseCalls(shop.db, name, 3_000_000)
    expect(await reserveCall(shop.db, { name, perSecond, horizonMs: 10_000_000 })).toBeGreaterThan(2_900_000)
  })

  it('R16 is fresh again after a pause, and saves nothing up', async () => {
    const name = randomUUID()
    const ask = () => reserveCall(shop.db, { name, perSecond, horizonMs: 10_000_000 })
    await ask()
    await shop.sql(`UPDATE call_budgets SET next_at = next_at - interval '1 day' WHERE name = $1`, [name])
    expect(await ask()).toBe(0)
    expect(await ask()).toBeGreaterThan(590_000)
  })
})
