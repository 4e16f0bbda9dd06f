import { insideWechat } from '../support/devices.ts'
import { expect, test } from '../support/test.ts'

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

  for (const time of ['the first', 'the second']) {
    await checkout.payAgain.click()
    await expect(wechatClient.sheet, `${time} time it is WeChat’s own dialog, not its sheet`).not.toContainText('¥')
    await wechatClient.choose('cancel')
    await expect(checkout.dialog).toContainText('微信没有完成这次支付')
    await expect(checkout.payAgain).toBeVisible()
  }
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', confirming: false })

  // Seconds after the first attempt another press means the same one; no page is two hours old by then, but this one says so.
  await expect(async () => {
    await checkout.payAgain.click()
    await expect(wechatClient.sheet).toBeVisible()
    if (!(await wechatClient.sheet.innerText()).includes(`¥${amount.yuan}`)) await wechatClient.choose('cancel')
    await expect(wechatClient.sheet).toContainText(`¥${amount.yuan}`, { timeout: 1_000 })
  }).toPass({ timeout: 40_000 })
  await wechatClient.choose('ok')
  await checkout.isPaid()
  const states = (await shop.wechat.tradesOf(amount.fen)).map(({ state }) => state)
  expect(states.toSorted(), 'one is paid, and the old one cannot be').toEqual(['CLOSED', 'SUCCESS'])
})
