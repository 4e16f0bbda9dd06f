import { expect, test } from '../support/test.ts'
import { serverIsGone } from '../support/troubles.ts'

/** After this long the API takes a request of its former life for dead, and lets an equal one go on with its order. */
const takenForDeadMs = 40_000

test('R23 the API is killed while it asks WeChat for a code: after its restart the same order gets its one code', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(serverIsGone)
  troubles.expect(/status of 409/)
  const slow = await shop.wechat.order({ on: 'create', kind: 'delay', ms: 1_000, times: 1 })
  await checkout.goto()
  await checkout.ask(amount)
  await expect.poll(() => shop.wechat.struck(slow)).toBe(1)
  await shop.api.kill()
  await shop.api.start()
  await expect(checkout.qr).toBeVisible({ timeout: takenForDeadMs + 30_000 })
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toHaveLength(1)
})
