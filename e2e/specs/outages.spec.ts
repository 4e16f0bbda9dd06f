import { expect, test } from '../support/test.ts'

/** A create whose outcome is unknown is repeated after 12 s, and then after longer and longer. */
const repeatsWithinMs = 40_000

/** WeChat's first repeat of a notice that was not acknowledged: 15 s. */
const firstRepeatMs = 15_000
/** What Chromium says of requests to a server that is not there. */
const serverIsGone =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/

test('offline for a minute while paying: the code stays valid, and the page finds the payment when the network is back', async ({
  checkout,
  context,
  phone,
  amount,
  merchant,
  troubles,
}) => {
  troubles.expect(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/)
  await checkout.page.clock.install()
  await checkout.open(amount)
  await context.setOffline(true)
  await checkout.is('offline')
  await expect(checkout.dialog).toContainText('网络断开，付款仍有效，恢复后自动更新')
  await expect(checkout.said).toHaveText('网络断开，付款仍有效，恢复后自动更新')

  // The request that was under way when the network went hangs on for as long as the page lets it.
  await checkout.page.clock.fastForward(30_000)
  await (await phone.scan(checkout.page)).pay()
  await expect.poll(async () => (await merchant.orderOn(checkout)).status).toBe('paid')
  await checkout.page.clock.fastForward(30_000)
  await checkout.is('offline')

  await context.setOffline(false)
  await checkout.isPaid()
})

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

test('R23 the API goes down while a page waits: the code stays on the screen, and it pays after the restart', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(serverIsGone)
  await checkout.open(amount)
  const code = await phone.read(checkout.page)
  await shop.api.kill()
  await checkout.is('offline')
  expect(await phone.read(checkout.page)).toBe(code)

  await shop.api.start()
  await checkout.is('waiting')
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
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
