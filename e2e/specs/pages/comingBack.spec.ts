import { expect, test } from '../../support/test.ts'

test('whoever closes the page while paying finds it paid on coming back', async ({ checkout, openTab, phone, amount }) => {
  await checkout.open(amount)
  const { path } = checkout
  const bill = await phone.scan(checkout.page)
  await checkout.page.close()
  await bill.pay()

  const later = await openTab()
  await later.goto(path)
  await later.isPaid()
  await expect(later.page.getByTestId('paid-amount')).toHaveText(`¥${amount.yuan}`)
})

test('a reload in the middle shows the same code, and it pays', async ({ checkout, phone, amount }) => {
  await checkout.open(amount)
  const before = await phone.read(checkout.page)
  await checkout.page.reload()
  const bill = await phone.scan(checkout.page)
  expect(bill.codeUrl).toBe(before)
  await bill.pay()
  await checkout.isPaid()
})

test('two tabs on one order show one code, and both see it paid', async ({ checkout, openTab, phone, amount, shop }) => {
  await checkout.open(amount)
  const other = await openTab()
  await other.goto(checkout.path)
  const bill = await phone.scan(checkout.page)
  expect(await phone.read(other.page)).toBe(bill.codeUrl)

  await bill.pay()
  await Promise.all([checkout.isPaid(), other.isPaid()])
  expect(await shop.wechat.tradesOf(amount.fen)).toHaveLength(1)
})
