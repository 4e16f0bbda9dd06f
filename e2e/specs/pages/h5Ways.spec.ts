import { phoneBrowser } from '../../support/devices.ts'
import { WechatPage } from '../../support/wechatPage.ts'
import { expect, test } from '../../support/test.ts'

test.use(phoneBrowser)

test('WeChat’s page is told where the payer comes from, and nothing of the order’s address', async ({ checkout, amount, shop }) => {
  const wechat = new WechatPage(checkout.page, shop.wechat)
  const visit = checkout.page.waitForRequest((request) => wechat.isAt(request.url()))
  await checkout.goto()
  await checkout.ask(amount)
  expect((await visit).headers()['referer']).toBe(`${shop.url}/`)
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
