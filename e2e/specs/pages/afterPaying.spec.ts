import { shopName } from '../../support/shop.ts'
import { expect, test } from '../../support/test.ts'

test('the receipt is one tap away, and comes by itself after a few seconds', async ({ checkout, phone, amount, merchant }) => {
  await checkout.page.clock.install()
  await checkout.open(amount)
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  const receipt = checkout.page.getByRole('region', { name: '付款凭证' })
  await checkout.page.clock.fastForward(5_000)
  await expect(receipt).toContainText(`¥${amount.yuan}`)

  await checkout.receiptLink.click()
  await expect(checkout.page).toHaveURL(/\/receipt\/[\w-]{22,}$/)
  const { orderNo } = await merchant.orderOn(checkout)
  for (const text of [shopName, orderNo, `¥${amount.yuan}`, '非发票']) await expect(receipt).toContainText(text)
})

test('after a payment the next shopper starts with an empty amount', async ({ checkout, phone, amount, shop }) => {
  await checkout.open(amount)
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  await checkout.newPayment.click()
  await checkout.is('idle')
  await expect(checkout.amount).toHaveValue('')
  await expect(checkout.payButton).toBeDisabled()

  const next = shop.newAmount()
  await checkout.ask(next)
  expect(await phone.scan(checkout.page)).toMatchObject({ amountFen: next.fen })
})
