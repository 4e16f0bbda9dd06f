import { expect, test } from '../support/test.ts'
import { shopName } from '../support/shop.ts'

test('a shopper types an amount, a phone scans the screen and pays, and the dialog closes by itself', async ({
  checkout,
  phone,
  amount,
  merchant,
}) => {
  await checkout.open(amount)
  await checkout.is('waiting')
  await expect(checkout.said).toHaveText(`请用微信扫码支付 ${amount.yuan} 元`)
  expect(checkout.path).toMatch(/^\/pay\/[\w-]{22,}$/)

  const bill = await phone.scan(checkout.page)
  expect(bill).toMatchObject({ amountFen: amount.fen, description: shopName })
  await bill.pay()

  await checkout.isPaid()
  await expect(checkout.alerted).toHaveText(`已收款 ${amount.yuan} 元`)
  await expect(checkout.page).toHaveTitle(/已收款/)
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'paid', amountFen: amount.fen, problem: null })
})

test('a wrong password changes nothing on the screen, and the right one pays', async ({ checkout, phone, amount, shop }) => {
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await bill.mistype()
  await checkout.stillWaits()

  await bill.pay()
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS', declines: 1 }])
})

test('a payer who went back on the phone scans the same code again and pays', async ({ checkout, phone, amount }) => {
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await bill.leave()
  await checkout.stillWaits()

  const again = await phone.scan(checkout.page)
  expect(again.codeUrl).toBe(bill.codeUrl)
  await again.pay()
  await checkout.isPaid()
})

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
