import { expect, test } from '../../support/test.ts'

test('R5 in v2, an honest notice that names its sign type is accepted', async ({ checkout, phone, amount, shop }) => {
  await checkout.open(amount)
  const { outTradeNo, pay } = await phone.scan(checkout.page)
  const fault = await shop.wechat.order({ on: 'notice', kind: 'sign-type-element', outTradeNo })
  await pay()
  await checkout.isPaid()
  expect(await shop.wechat.struck(fault)).toBe(1)
})
