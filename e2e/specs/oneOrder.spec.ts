import { expect, test } from '../support/test.ts'

/** A create whose outcome is unknown is repeated after 12 s, and then after longer and longer. */
const repeatsWithinMs = 40_000

test('R1 when the answer to the order is lost on its way, the page asks again with the same key and gets the same order', async ({
  checkout,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/ERR_CONNECTION_RESET/)
  const keys: (string | undefined)[] = []
  await checkout.page.route('**/v1/checkouts', async (route) => {
    keys.push(route.request().headers()['idempotency-key'])
    const answer = await route.fetch()
    await (keys.length === 1 ? route.abort('connectionreset') : route.fulfill({ response: answer }))
  })
  await checkout.open(amount)
  expect(keys).toEqual([keys[0], keys[0]])
  expect(keys[0]).toMatch(/^.{16,}$/)
  expect(await shop.wechat.tradesOf(amount.fen)).toHaveLength(1)
})

test('R2 when WeChat made the trade and its answer is lost, the same number is asked for again: one trade, and it can be paid', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  const fault = await shop.wechat.order({ on: 'create', kind: 'reset-after', times: 1 })
  await checkout.goto()
  await checkout.ask(amount)
  await checkout.is('waiting', { timeout: repeatsWithinMs })
  expect(await shop.wechat.struck(fault)).toBe(1)
  expect(await shop.wechat.tradesOf(amount.fen)).toHaveLength(1)
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
})

test('R3 a notice that is faster than the answer to our own order pays it, and no code appears any more', async ({
  checkout,
  amount,
  shop,
}) => {
  await shop.wechat.order({ on: 'create', kind: 'before-answer', times: 1 })
  await checkout.goto()
  await checkout.ask(amount)
  await checkout.isPaid()
  await expect(checkout.qr).toHaveCount(0)
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS' }])
})
