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

it('what a visit left behind goes an hour after its end, what WeChat told us stays', async () => {
  const at = (ms: number) => `'${new Date(shop.clock.now().getTime() + ms).toISOString()}'`
  await shop.sql(
    `INSERT INTO authorisations VALUES ('old', 'b', 'wx', '/', ${at(-3_600_001)}, ${at(0)}), ('new', 'b', 'wx', '/', ${at(0)}, ${at(0)})`,
  )
  const session = (hash: string, end: number) => `('${hash}', 'mini-program', 'wx', 'oA', ${at(-1)}, ${at(end)})`
  await shop.sql(`INSERT INTO payer_sessions VALUES ${session('old', -3_600_001)}, ${session('new', 1)}`)
  await shop.sql(
    `INSERT INTO account_messages (app_id, message_key, type, open_id, raw, received_at) VALUES ('wx', 'k', 'text', 'oA', 'x', ${at(-9e9)})`,
  )
  await shop.sql(`INSERT INTO account_envelopes SELECT 'old', id, ${at(-3_600_001)}::timestamptz FROM account_messages`)
  await shop.sql(`INSERT INTO call_budgets VALUES ('login 203.0.113.7', now() - interval '2 hours'), ('login 203.0.113.8', now())`)
  await shop.tasksNow('forget-old-keys')
  expect(await shop.sql('SELECT state_hash FROM authorisations')).toEqual([{ state_hash: 'new' }])
  expect(await shop.sql('SELECT token_hash FROM payer_sessions')).toEqual([{ token_hash: 'new' }])
  expect(await shop.sql('SELECT * FROM account_envelopes')).toEqual([])
  expect(await shop.sql('SELECT message_key FROM account_messages')).toEqual([{ message_key: 'k' }])
  expect(await shop.sql(`SELECT name FROM call_budgets WHERE name LIKE 'login %'`)).toEqual([{ name: 'login 203.0.113.8' }])
})
