import { expect, test } from '../../support/test.ts'

test('after 200 seconds without a payment the words change, and the page goes on asking', async ({ checkout, phone, amount }) => {
  const { page } = checkout
  await page.clock.install()
  await checkout.open(amount)
  const code = await phone.read(page)
  const panel = page.getByTestId('help-panel')
  await page.clock.fastForward(190_000)
  await expect(checkout.countdown).toHaveText(/01:(4|50)/)
  await expect(panel).toHaveCount(0)

  await page.clock.fastForward(10_000)
  await expect(panel).toContainText('还没有收到付款')
  await expect(panel).toContainText('请勿重复支付')
  await expect(panel).toContainText('联系商家：010-5555 0100')
  await expect(panel.getByRole('button', { name: '换一个付款码' })).toBeVisible()
  await expect(checkout.said).toContainText('还没有收到付款')
  expect(await phone.read(page), 'the code is still good').toBe(code)

  await (await phone.scan(page)).pay()
  await checkout.isPaid()
})

test('"I have paid" puts the code away and asks; whoever has not paid yet gets the code back', async ({
  checkout,
  phone,
  amount,
  merchant,
}) => {
  await checkout.open(amount)
  const code = await phone.read(checkout.page)
  await checkout.iHavePaid.click()
  await checkout.is('checking')
  await expect(checkout.dialog).toContainText('正在确认，请勿重复支付')
  await expect(checkout.qr).toHaveCount(0)
  expect(await merchant.orderOn(checkout), 'a word is not a payment').toMatchObject({ status: 'unpaid', confirming: false })

  await checkout.page.getByRole('button', { name: '还没付款，返回付款码' }).click()
  const bill = await phone.scan(checkout.page)
  expect(bill.codeUrl).toBe(code)
  await bill.pay()
  await checkout.isPaid()
})

test('the last minute is announced, and the end of the countdown takes the code away', async ({ checkout, amount }) => {
  const { page } = checkout
  await page.clock.install()
  await checkout.open(amount)
  await page.clock.fastForward(241_000)
  await checkout.is('expiring')
  await expect(checkout.said).toHaveText(/还剩 5\d 秒/)
  await expect(checkout.moreTime).toBeVisible()
  await page.clock.fastForward(60_000)
  await checkout.is('checking')
  await expect(checkout.qr).toHaveCount(0)
})

test('help explains how to scan, and that paying again is never the answer', async ({ checkout, amount }) => {
  await checkout.open(amount)
  await checkout.help.click()
  const panel = checkout.page.getByTestId('help-panel')
  await expect(panel).toContainText('扫一扫')
  await expect(panel).toContainText('不要重复支付')
  await expect(checkout.qr).toBeVisible()
})
