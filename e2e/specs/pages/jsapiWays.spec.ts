import { refusalOf } from '../../support/askApi.ts'
import { insideWechat } from '../../support/devices.ts'
import { expect, test } from '../../support/test.ts'

test.use(insideWechat)

test('the sheet says ok although nothing was paid: the shop has no money, and no page says so', async ({
  checkout,
  wechatClient,
  amount,
  merchant,
  shop,
}) => {
  await checkout.goto()
  await checkout.ask(amount)
  await wechatClient.choose('ok-although-unpaid')
  await checkout.is('checking')
  await expect(checkout.dialog).toContainText('请勿重复支付')
  expect(await merchant.orderOn(checkout), 'a word is not a payment').toMatchObject({ status: 'unpaid', confirming: false })
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'NOTPAY' }])
})

test('a payer whose sheet fails is shown the choice again, and a cancelled order is dead at WeChat', async ({
  checkout,
  wechatClient,
  amount,
  shop,
}) => {
  await checkout.goto()
  await checkout.ask(amount)
  await wechatClient.choose('fail')
  await expect(checkout.dialog).toContainText('微信没有完成这次支付')
  await expect(checkout.payAgain).toBeVisible()
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.is('closed')
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'CLOSED' }])
})

test('JSAPI is for payers whom WeChat has named: anybody else is told so, and nothing is stored', async ({ amount, shop }) => {
  expect(await refusalOf(shop, { amountFen: amount.fen, tradeType: 'jsapi' })).toEqual({ status: 401, code: 'payer_unknown' })
  expect(await shop.wechat.tradesOf(amount.fen)).toEqual([])
})
