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
