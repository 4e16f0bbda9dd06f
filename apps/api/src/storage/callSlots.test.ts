import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, TestClock, type TestShop } from '../testing/testShop.ts'
import { pauseCalls } from './callBudgets.ts'
import { freeSlot, pauseOf, takeSlot, type CallSlot, type CallSlots } from './callSlots.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
afterAll(() => shop.close())

const clock = new TestClock()
const now = () => sql<Date>`${clock.now()}::timestamptz`
let kind: CallSlots
let number = 0
beforeEach(async () => {
  kind = { name: `test ${number++}`, slots: 3, leastMs: 50, afterFailureMs: 1_000, leaseMs: 30_000 }
  await takeSlot(shop.db, kind, now) // the slots are made by the first who asks, who gets none
})

const take = async (): Promise<CallSlot | null> => {
  const taken = await takeSlot(shop.db, kind, now)
  return taken.state === 'taken' ? taken.slot : null
}
const free = (slot: CallSlot | null, outcome: 'good' | 'failed' | 'unused') => {
  if (!slot) throw new Error('no slot')
  return freeSlot(shop.db, slot, { kind, outcome }, now)
}
const taken = (slots: readonly (CallSlot | null)[]) => slots.filter((slot) => slot !== null)

describe('slots for calls', () => {
  it('R19 are given to so many at a time, however many ask at once', async () => {
    const slots = await Promise.all(Array.from({ length: 30 }, take))
    expect(taken(slots)).toHaveLength(3)
    expect(new Set(taken(slots).map(({ name }) => name)).size).toBe(3)
  })

  it('R19 are free after the least time when the call was answered well, and at once when none was made', async () => {
    const [slot, other, third] = [await take(), await take(), await take()]
    await free(other, 'unused')
    expect(await take()).not.toBe(null)
    await free(slot, 'good')
    expect(await take()).toBe(null)
    clock.advance(50)
    expect(await take()).not.toBe(null)
    clock.advance(100)
    await free(third, 'good')
    expect(await take()).not.toBe(null)
  })

  it('R19 stay taken for a second after a failing call, counted from when it is known', async () => {
    const [slot] = [await take(), await take(), await take()]
    clock.advance(5_000)
    await free(slot, 'failed')
    clock.advance(999)
    expect(await take()).toBe(null)
    clock.advance(1)
    expect(await take()).not.toBe(null)
  })

  it('R23 are free again when whoever had them has died', async () => {
    await Promise.all([take(), take(), take()])
    clock.advance(29_999)
    expect(await take()).toBe(null)
    clock.advance(1)
    expect(await take()).not.toBe(null)
  })

  it('R23 are not freed by a caller that was taken for dead', async () => {
    const [slow] = [await take(), await take(), await take()]
    clock.advance(30_000)
    expect(taken([await take(), await take(), await take()])).toHaveLength(3)
    await free(slow, 'good')
    expect(await take()).toBe(null)
  })

  it('R19 are not given while a pause lasts, and the caller hears how long that is', async () => {
    await pauseCalls(shop.db, pauseOf(kind), 60_000, now)
    clock.advance(20_000)
    expect(await takeSlot(shop.db, kind, now)).toEqual({ state: 'none-free', waitMs: 40_000 })
    clock.advance(40_000)
    expect(await take()).not.toBe(null)
  })

  it('R19 go by the database’s clock when nobody gives another', async () => {
    const own = { ...kind, name: `${kind.name} own` }
    await takeSlot(shop.db, own)
    const slot = await takeSlot(shop.db, own)
    expect(slot).toMatchObject({ state: 'taken' })
    if (slot.state === 'taken') await freeSlot(shop.db, slot.slot, { kind: own, outcome: 'failed' })
    const rows = await shop.sql(`SELECT next_at > clock_timestamp() AS waits FROM call_budgets WHERE name LIKE $1 ORDER BY 1`, [
      `${own.name} %`,
    ])
    expect(rows).toEqual([{ waits: false }, { waits: false }, { waits: true }])
  })
})
