import { expect, test } from '../support/test.ts'

test('a shopper cancels: the page says that nothing was charged, and the code is dead at WeChat', async ({
  checkout,
  phone,
  amount,
  merchant,
}) => {
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.is('closed')
  await expect(checkout.dialog).toHaveCount(0)
  await expect(checkout.said).toHaveText('订单已取消')
  await expect(checkout.main).toContainText('未扣款')
  await expect(bill.pay()).rejects.toMatchObject({ code: 'closed' })
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'closed', closedReason: 'cancelled' })

  await checkout.page.reload()
  await checkout.is('closed')
})

test('R14 the phone pays while the cancel is on its way: the order is paid, not cancelled', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 409/)
  await checkout.open(amount)
  const { outTradeNo } = await phone.scan(checkout.page)
  const fault = await shop.wechat.order({ on: 'close', kind: 'paid-meanwhile', outTradeNo, times: 1 })
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.isPaid()
  expect(await shop.wechat.struck(fault)).toBe(1)
})

test('R14 a cancel after the payment, before its notice, does not close the order: the page asks not to pay again', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 409/)
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await shop.wechat.order({ on: 'notice', kind: 'late', ms: 60_000, outTradeNo: bill.outTradeNo })
  await bill.pay()
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.is('checking')
  await expect(checkout.dialog).toContainText('请勿重复支付')
  await shop.wechat.advance(60_000)
  await checkout.isPaid()
})
