import type { CheckoutPage } from '../support/checkoutPage.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { refundAtWechat } from '../support/refunds.ts'
import { expectNoSidewaysScrolling } from '../support/layout.ts'
import type { Phone } from '../support/phone.ts'
import type { Amount } from '../support/shop.ts'
import { expect, test } from '../support/test.ts'

/** A shop gives a code that is younger than this to everybody who asks for a new one. */
const codeIsNotFreshAnyMore = /0(4:50|4:[0-4]\d|[0-3]:)/
/** Then the page offers a new code by itself. */
const longWaitMs = 200_000

interface Payer {
  checkout: CheckoutPage
  phone: Phone
  amount: Amount
}

/** @returns our number of the payment */
async function payOn({ checkout, phone, amount }: Payer): Promise<string> {
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await bill.pay()
  await checkout.isPaid()
  return bill.outTradeNo
}

test('a refund that the operator asks for is on its way on the receipt, and then done, without a reload', async ({
  checkout,
  phone,
  amount,
  shop,
  protocol,
}) => {
  const { page } = checkout
  const outTradeNo = await payOn({ checkout, phone, amount })
  await checkout.receiptLink.click()
  const receipt = page.getByTestId('receipt')
  await expect(receipt).toBeVisible()
  await expect(receipt.getByTestId('refunds')).toHaveCount(0)

  await shop.wechat.holdRefund()
  const outRefundNo = await shop.refund(outTradeNo, 250)
  const refund = await refundAtWechat(shop, outTradeNo)
  expect(refund).toMatchObject({ outRefundNo, refundFen: 250, origin: protocol })
  // A refund may begin at any time: the page looks when its reader comes back to it.
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await expect(receipt).toContainText('退款中')
  await expect(receipt).toContainText('−¥2.50')
  await expect(page.getByTestId('receipt-kept')).toContainText(`¥${((amount.fen - 250) / 100).toFixed(2)}`)

  await shop.wechat.finishRefund(refund, 'SUCCESS')
  await expect(receipt).toContainText('已退款')
  await expect(receipt).not.toContainText('退款中')
  expect(await page.content()).not.toContain(outRefundNo)

  await checkout.language.click()
  await expect(receipt).toContainText('Refunded')
  await page.setViewportSize({ width: 320, height: 640 })
  await expectNoSidewaysScrolling(page)
  await expectAccessible(page)
})

test('a refund that WeChat closes has failed on the receipt, and all of the money was kept', async ({ checkout, phone, amount, shop }) => {
  const outTradeNo = await payOn({ checkout, phone, amount })
  await shop.wechat.holdRefund()
  await shop.refund(outTradeNo, amount.fen)
  const refund = await refundAtWechat(shop, outTradeNo)
  await checkout.page.reload()
  await expect(checkout.page.getByTestId('refund-note')).toContainText(`退款 ¥${amount.yuan} 正在原路退回`)
  await shop.wechat.finishRefund(refund, 'CLOSED')
  await expect(checkout.page.getByTestId('refund-note')).toHaveCount(0)
  await checkout.receiptLink.click()
  await expect(checkout.page.getByTestId('receipt')).toContainText('退款未成功，由商家处理')
  await expect(checkout.page.getByTestId('receipt-kept')).toHaveCount(0)
})

test('R12 an order that was paid twice says that the second payment goes back, and by itself when it has', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.page.clock.install()
  await checkout.open(amount)
  const { outTradeNo: first, codeUrl } = await phone.scan(checkout.page)
  await expect(checkout.countdown).toHaveText(codeIsNotFreshAnyMore)
  await checkout.page.clock.fastForward(longWaitMs)
  await checkout.newCode.click()
  await expect.poll(() => phone.read(checkout.page)).not.toBe(codeUrl)
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()

  await shop.wechat.holdRefund()
  await shop.wechat.payLate(first)
  const refund = await refundAtWechat(shop, first)
  expect(refund).toMatchObject({ refundFen: amount.fen })
  await checkout.page.reload()
  await checkout.isPaid()
  const problem = checkout.page.getByTestId('problem')
  await expect(problem).toHaveText('检测到重复付款，多付部分将原路退回')
  await shop.wechat.finishRefund(refund, 'SUCCESS')
  await expect(problem).toHaveText('检测到重复付款，多付部分已原路退回')
  await checkout.language.click()
  await expect(problem).toHaveText('You paid twice; the second payment has been refunded')
  await expectAccessible(checkout.page)
})
