import { insideWechat } from '../../support/devices.ts'
import { expect, test } from '../../support/test.ts'

test.use({ settings: { WECHAT_OA_SECRET: '' }, ...insideWechat })

test('where payers are known in the mini program only, a page inside WeChat offers a code from the start, and says how it can be scanned', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  await expect(checkout.dialog).toContainText('您正在微信中，请用另一部手机的微信扫描此码')
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ tradeType: 'NATIVE', state: 'SUCCESS' }])
})
