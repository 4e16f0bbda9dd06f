import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
afterAll(() => shop.close())

it('R1 a key is kept for 24 h, and forgotten after that', async () => {
  const key = randomUUID()
  const first = await shop.open(key)
  shop.clock.advance(24 * 3_600_000)
  await shop.tasksNow('forget-old-keys')
  expect(await shop.open(key)).toMatchObject({ replayed: true })
  shop.clock.advance(1)
  await shop.tasksNow('forget-old-keys')
  const again = await shop.open(key)
  expect(again.replayed).toBe(false)
  expect(again.answer.view.token).not.toBe(first.answer.view.token)
})
