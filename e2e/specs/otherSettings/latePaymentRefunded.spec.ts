import { expectAccessible } from '../../support/accessibility.ts'
import { expectNoSidewaysScrolling } from '../../support/layout.ts'
import { refundAtWechat } from '../../support/refunds.ts'
import { expect, test } from '../../support/test.ts'

test.use({ settings: { WXPAY_LATE_PAYMENT: 'refund' } })

test('R15 a payment that came after the order was closed goes back by itself, and the page says where the money is', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo } = await phone.scan(checkout.page)
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.is('closed')

  await shop.wechat.holdRefund()
  await shop.wechat.payLate(outTradeNo)
  const refund = await refundAtWechat(shop, outTradeNo)
  await checkout.page.reload()
  const problem = checkout.page.getByTestId('problem')
  await expect(problem).toHaveText('已收到付款，订单此前已关闭，款项正在原路退回')
  await shop.wechat.finishRefund(refund, 'SUCCESS')
  await expect(problem).toHaveText('已收到付款，订单此前已关闭，款项已原路退回')
  await expect(checkout.page.getByTestId('refunds')).toContainText(`−¥${amount.yuan}`)
  await checkout.language.click()
  await expect(problem).toHaveText('Payment arrived after the order was closed; it has gone back to you')
  await checkout.page.setViewportSize({ width: 320, height: 640 })
  await expectNoSidewaysScrolling(checkout.page)
  await expectAccessible(checkout.page)
})
