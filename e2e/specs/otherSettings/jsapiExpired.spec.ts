import { insideWechat } from '../../support/devices.ts'
import { expect, test } from '../../support/test.ts'

test.use({ ...insideWechat, settings: { QR_LIFE_SECONDS: '3600', TRADE_LIFE_SECONDS: '7200' } })

/** WeChat lets a prepay id be used for two hours. */
const overTwoHoursMs = 7_260_000

test('a page that lay open until its prepay id was too old: WeChat says so, nothing is paid, and the next attempt is a new one', async ({
  checkout,
  wechatClient,
  amount,
  merchant,
  shop,
}) => {
  await checkout.goto()
  await checkout.ask(amount)
  await wechatClient.choose('cancel')
  await expect(checkout.payAgain).toBeVisible()
  await shop.wechat.advance(overTwoHoursMs)

  await checkout.payAgain.click()
  await expect(wechatClient.sheet, 'WeChat’s own dialog, not its sheet').toContainText('该订单已过期')
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', confirming: false })
  await wechatClient.choose('cancel')

  // What failed twice is not tried again, and our server may have learnt first that it is over: either way the next press is a new attempt.
  // (An attempt of some seconds is what a second press means; here WeChat’s clock alone has moved.)
  await expect(async () => {
    if (!(await wechatClient.sheet.isVisible())) await checkout.payAgain.click({ timeout: 5_000 })
    await expect(wechatClient.sheet).toBeVisible({ timeout: 5_000 })
    if (!(await wechatClient.sheet.innerText()).includes(`¥${amount.yuan}`)) await wechatClient.choose('cancel')
    await expect(wechatClient.sheet).toContainText(`¥${amount.yuan}`, { timeout: 1_000 })
  }).toPass({ timeout: 40_000 })
  await wechatClient.choose('ok')
  await checkout.isPaid()
  const states = (await shop.wechat.tradesOf(amount.fen)).map(({ state }) => state)
  expect(states.toSorted(), 'one is paid, and the old one cannot be').toEqual(['CLOSED', 'SUCCESS'])
})
