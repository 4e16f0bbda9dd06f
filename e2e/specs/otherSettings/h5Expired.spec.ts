import { phoneBrowser } from '../../support/devices.ts'
import { WechatPage } from '../../support/wechatPage.ts'
import { expect, test } from '../../support/test.ts'

test.use({ ...phoneBrowser, settings: { QR_LIFE_SECONDS: '20' } })

/** WeChat's page can be opened for five minutes after the order was made. */
const overFiveMinutesMs = 301_000

test('a link to WeChat’s page that is too old: WeChat says so, the payer comes back, nothing was charged, and a new link pays', async ({
  checkout,
  amount,
  merchant,
  shop,
}) => {
  const wechat = new WechatPage(checkout.page, shop.wechat)
  await checkout.goto()
  await checkout.ask(amount)
  await wechat.leave.click()
  await expect(checkout.payAgain).toBeVisible()
  const dead = (await checkout.payAgain.getAttribute('href')) ?? ''
  await shop.wechat.advance(overFiveMinutesMs)

  await checkout.payAgain.click()
  await expect(wechat.words).toContainText('支付请求已失效，请重新发起支付')
  await expect(wechat.pay).toHaveCount(0)
  await checkout.page.goBack()
  await checkout.is('expired', { timeout: 40_000 })
  await expect(checkout.main.or(checkout.dialog).filter({ hasText: '未扣款' }).first()).toBeVisible()
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', confirming: false })

  await checkout.payAgain.click()
  await wechat.isOpen()
  expect(checkout.page.url()).not.toBe(dead)
  await wechat.pay.click()
  await checkout.isPaid()
  expect((await shop.wechat.tradesOf(amount.fen)).map(({ state }) => state).toSorted()).toEqual(['CLOSED', 'SUCCESS'])
})
