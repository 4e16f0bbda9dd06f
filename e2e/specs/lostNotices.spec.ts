import { expect, test } from '../support/test.ts'

const day = 24 * 3_600_000

test('R17 all notices are lost: the page asks not to pay again and shows no code, until an operator accepts what WeChat says', async ({
  checkout,
  phone,
  amount,
  merchant,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo, pay } = await phone.scan(checkout.page)
  await shop.wechat.order({ on: 'notice', kind: 'drop', outTradeNo })
  const refused = await shop.accept(outTradeNo)
  expect(refused, 'there is nothing to accept yet').toMatchObject({ code: 1 })

  await pay()
  await shop.wechat.advance(2 * day)
  expect(await shop.wechat.noticeOf(outTradeNo)).toMatchObject({ state: 'given-up' })
  await checkout.is('checking')
  await expect(checkout.dialog).toContainText('正在确认，请勿重复支付')
  await expect(checkout.said).toHaveText('正在确认支付结果')
  await expect(checkout.qr).toHaveCount(0)
  await expect(checkout.newCode).toHaveCount(0)
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', confirming: true })

  const accepted = await shop.accept(outTradeNo)
  expect(accepted.output).toContain(`${outTradeNo} is paid now`)
  expect(accepted.code).toBe(0)
  await checkout.isPaid()
})

test('R17 a payment that is being confirmed is paid by its late notice', async ({ checkout, phone, amount, shop }) => {
  await checkout.open(amount)
  const { outTradeNo, pay } = await phone.scan(checkout.page)
  await shop.wechat.order({ on: 'notice', kind: 'drop', outTradeNo, times: 1 })
  await pay()
  await checkout.is('checking')
  await shop.wechat.advance(15_000)
  await checkout.isPaid()
})
