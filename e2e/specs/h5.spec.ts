import { desktop, phoneBrowser } from '../support/devices.ts'
import { WechatPage } from '../support/wechatPage.ts'
import { expect, test } from '../support/test.ts'

test.use(phoneBrowser)

test('a payer in a phone’s browser pays on WeChat’s page, and is back at the order, which is paid', async ({
  checkout,
  amount,
  merchant,
  shop,
}) => {
  const wechat = new WechatPage(checkout.page, shop.wechat)
  await checkout.goto()
  await checkout.ask(amount)
  await wechat.isOpen()
  await expect(wechat.amount).toContainText(amount.yuan)
  await wechat.pay.click()
  await checkout.isPaid()
  expect(checkout.path).toMatch(/^\/pay\//)
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'paid', tradeType: 'h5' })
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS', tradeType: 'MWEB' }])
})

test('a payer who is back before the notice is told not to pay again, and the page says paid when the notice is here', async ({
  checkout,
  amount,
  merchant,
  shop,
}) => {
  const wechat = new WechatPage(checkout.page, shop.wechat)
  await shop.wechat.order({ on: 'notice', kind: 'late', ms: 60_000 })
  await checkout.goto()
  await checkout.ask(amount)
  await wechat.pay.click()
  await checkout.is('checking')
  await expect(checkout.dialog).toContainText('请勿重复支付')
  expect(await merchant.orderOn(checkout), 'coming back proves nothing').toMatchObject({ status: 'unpaid' })
  await shop.wechat.advance(60_000)
  await checkout.isPaid()
})

test('a payer who has not paid says so, goes to WeChat again, and pays: one trade', async ({ checkout, amount, shop }) => {
  const wechat = new WechatPage(checkout.page, shop.wechat)
  await checkout.goto()
  await checkout.ask(amount)
  await wechat.leave.click()
  await expect(checkout.havePaid).toBeVisible()
  await checkout.payAgain.click()
  await wechat.pay.click()
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS' }])
})

test('an order begun on a desktop is paid on this phone by a tap, and its code is dead', async ({
  checkout,
  openBrowser,
  phone,
  amount,
  shop,
}) => {
  const wechat = new WechatPage(checkout.page, shop.wechat)
  const till = await openBrowser(desktop)
  await till.open(amount)
  const bill = await phone.scan(till.page)
  await checkout.goto(till.path)
  await checkout.payNow.click()
  await wechat.pay.click()
  await checkout.isPaid()
  await till.isPaid()
  await expect(bill.pay()).rejects.toMatchObject({ code: 'closed' })
})
