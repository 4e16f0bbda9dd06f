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

test('WeChat’s page is told where the payer comes from, and nothing of the order’s address', async ({ checkout, amount, shop }) => {
  const wechat = new WechatPage(checkout.page, shop.wechat)
  const visit = checkout.page.waitForRequest((request) => wechat.isAt(request.url()))
  await checkout.goto()
  await checkout.ask(amount)
  expect((await visit).headers()['referer']).toBe(`${shop.url}/`)
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

test('a payer who says "I have paid" and has not is waited for, and can take it back', async ({ checkout, amount, merchant, shop }) => {
  const wechat = new WechatPage(checkout.page, shop.wechat)
  await checkout.goto()
  await checkout.ask(amount)
  await wechat.leave.click()
  await checkout.havePaid.click()
  await checkout.is('checking')
  expect(await merchant.orderOn(checkout), 'a word is not a payment').toMatchObject({ status: 'unpaid', confirming: false })
  await checkout.notPaidYet.click()
  await expect(checkout.payAgain).toBeVisible()
  await checkout.payAgain.click()
  await wechat.pay.click()
  await checkout.isPaid()
})

test('a payer who comes back by the browser’s own button is asked as well', async ({ checkout, amount, shop }) => {
  const wechat = new WechatPage(checkout.page, shop.wechat)
  await checkout.goto()
  await checkout.ask(amount)
  await wechat.isOpen()
  await checkout.page.goBack()
  await expect(checkout.havePaid).toBeVisible()
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.is('closed')
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'CLOSED' }])
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
