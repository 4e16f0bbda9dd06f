import { expect, test } from '../support/test.ts'

test('R15 money that comes after the shopper has cancelled does not open the order again: the page says that it came, and who handles it', async ({
  checkout,
  phone,
  amount,
  merchant,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo } = await phone.scan(checkout.page)
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.is('closed')

  await shop.wechat.payLate(outTradeNo)
  await expect.poll(async () => (await shop.wechat.noticeOf(outTradeNo)).state).toBe('acknowledged')
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'closed', problem: { code: 'paid_late' } })
  await checkout.page.reload()
  await expect(checkout.main).toContainText('已收到付款，订单此前已关闭，将由商家处理')
})
