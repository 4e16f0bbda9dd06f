import { waitOnUntilAnHonestAnswer } from '../../support/dishonestAnswers.ts'
import { expect, test } from '../../support/test.ts'

test.use({ settings: { WXPAY_PAID_BY: 'notice-or-query' } })
/** In one worker, whose API is started anew once for all of them. */
test.describe.configure({ mode: 'default' })

test('R17 all notices are lost: where the shop takes a verified answer to its own question, the order is paid by it', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo, pay } = await phone.scan(checkout.page)
  await shop.wechat.order({ on: 'notice', kind: 'drop', outTradeNo })
  await pay()
  await checkout.isPaid()
  expect(await shop.wechat.noticeOf(outTradeNo)).not.toMatchObject({ state: 'acknowledged' })
})

test('R4 an answer to our question that has a wrong key, no signature or a wrong one says nothing: the page waits on, until an honest one comes', async ({
  openTab,
  phone,
  shop,
}) => {
  await waitOnUntilAnHonestAnswer(['wrong-key', 'unsigned', 'wrong-signature'], { openTab, phone, shop })
})
