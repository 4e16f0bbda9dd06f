import { expect, test } from '../../support/test.ts'

test('a shopper who thinks again keeps waiting, with the same code', async ({ checkout, phone, amount }) => {
  await checkout.open(amount)
  const code = await phone.read(checkout.page)
  await checkout.cancel.click()
  await expect(checkout.keepWaiting).toBeFocused()
  await checkout.keepWaiting.click()
  const bill = await phone.scan(checkout.page)
  expect(bill.codeUrl).toBe(code)
  await bill.pay()
  await checkout.isPaid()
})
