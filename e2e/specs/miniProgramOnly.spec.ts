import { insideWechat } from '../support/devices.ts'
import { expect, test } from '../support/test.ts'

test.use({ settings: { WECHAT_OA_SECRET: '' }, ...insideWechat })

test('where payers are known in the mini program only, a page inside WeChat is paid by a code, and says why', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 409/)
  await checkout.open(amount)
  await expect(checkout.dialog).toContainText('商户暂未开通此支付方式，请用另一台手机扫码')
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ tradeType: 'NATIVE', state: 'SUCCESS' }])
})
