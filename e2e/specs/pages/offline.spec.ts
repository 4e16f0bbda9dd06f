import { serverIsGone } from '../../support/troubles.ts'
import { expect, test } from '../../support/test.ts'

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
