import { expect, test } from '../../support/test.ts'

test('R1 twenty clicks on the pay button make one order', async ({ checkout, phone, amount, shop }) => {
  await checkout.goto()
  await checkout.amount.fill(amount.yuan)
  await checkout.payButton.click({ clickCount: 20, delay: 0 })
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS' }])
})

test('R1 twenty presses in one instant, before the page could draw anything, make one order', async ({ checkout, amount, shop }) => {
  await checkout.goto()
  await checkout.amount.fill(amount.yuan)
  await checkout.payButton.evaluate((button: HTMLButtonElement) => {
    for (let press = 0; press < 20; press += 1) button.click()
  })
  await expect(checkout.qr).toBeVisible()
  expect(await shop.wechat.tradesOf(amount.fen)).toHaveLength(1)
})
