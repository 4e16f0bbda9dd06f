import { expect, test } from '../support/test.ts'

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

for (const kind of ['wrong-key', 'unsigned', 'wrong-signature']) {
  test(`R4 an answer to our question that is ${kind} says nothing: the page waits on, until an honest one comes`, async ({
    checkout,
    phone,
    amount,
    shop,
  }) => {
    await checkout.open(amount)
    const { outTradeNo, pay } = await phone.scan(checkout.page)
    await shop.wechat.order({ on: 'notice', kind: 'drop', outTradeNo })
    const fault = await shop.wechat.order({ on: 'query', kind, outTradeNo })
    await pay()
    await expect.poll(() => shop.wechat.struck(fault)).toBeGreaterThan(0)
    await checkout.stillWaits()
    await shop.wechat.behave()
    await shop.wechat.order({ on: 'notice', kind: 'drop', outTradeNo })
    await checkout.isPaid()
  })
}
