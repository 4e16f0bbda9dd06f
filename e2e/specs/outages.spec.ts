import { expect, test } from '../support/test.ts'
import { serverIsGone } from '../support/troubles.ts'

/** A create whose outcome is unknown is repeated after 12 s, and then after longer and longer. */
const repeatsWithinMs = 40_000

/** WeChat's first repeat of a notice that was not acknowledged: 15 s. */
const firstRepeatMs = 15_000

test('R23 the API is killed between payment and notice: after its restart WeChat repeats the notice, and the order is paid', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(serverIsGone)
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await shop.api.kill()
  await bill.pay()
  await expect.poll(async () => (await shop.wechat.noticeOf(bill.outTradeNo)).attempts).toMatchObject([{ acknowledged: false }])

  await shop.api.start()
  await shop.wechat.advance(firstRepeatMs)
  await checkout.isPaid()
  expect(await shop.wechat.noticeOf(bill.outTradeNo)).toMatchObject({ state: 'acknowledged' })
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS' }])
})

test('R24 PostgreSQL is killed while a page waits: it comes back by itself, and the page sees the payment', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 50[03]/)
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await shop.killPostgres()
  await bill.pay()
  await expect.poll(() => shop.isReady()).toBe(true)
  await shop.wechat.advance(firstRepeatMs)
  await checkout.isPaid()
  expect(await shop.wechat.noticeOf(bill.outTradeNo)).toMatchObject({ state: 'acknowledged' })
})

test('R23 WeChat itself dies before its notice is out: it remembers, and the order is paid', async ({ checkout, phone, amount, shop }) => {
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await shop.wechat.order({ on: 'notice', kind: 'delay', ms: 60_000, outTradeNo: bill.outTradeNo })
  await bill.pay()
  await shop.mock.kill()
  await shop.mock.start()
  await checkout.isPaid()
  await expect.poll(async () => (await shop.wechat.noticeOf(bill.outTradeNo)).state).toBe('acknowledged')
})

test('WeChat cannot be reached: the page says that nothing was charged yet, keeps trying, and gets its code in the end', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.goto()
  await shop.mock.kill()
  await checkout.ask(amount)
  await checkout.is('creating')
  await expect(checkout.dialog).toContainText(/正在生成付款码|仍在处理/)
  await shop.mock.start()
  await checkout.is('waiting', { timeout: repeatsWithinMs })
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toHaveLength(1)
})
