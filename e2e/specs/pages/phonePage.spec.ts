import { shopName } from '../../support/shop.ts'
import { expect, test, type Page } from '../../support/test.ts'

/** Two windows side by side, as a stranger has them after the start of the demo. */
async function typePassword(page: Page, digits: string): Promise<void> {
  for (const digit of digits) await page.getByRole('button', { name: digit, exact: true }).click()
}

test('a stranger pastes the code into the phone, mistypes the password, types it again, and the shop says paid', async ({
  checkout,
  context,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  const handset = await context.newPage()
  await handset.goto(shop.wechat.phoneUrl)
  await handset.getByRole('textbox', { name: '付款码内容' }).fill(await phone.read(checkout.page))
  await handset.getByRole('button', { name: '识别' }).click()
  await expect(handset.getByTestId('phone-merchant')).not.toBeEmpty()
  await expect(handset.getByTestId('phone-description')).toHaveText(shopName)
  await expect(handset.getByTestId('phone-amount')).toContainText(amount.yuan)

  await handset.getByRole('button', { name: '立即支付' }).click()
  await typePassword(handset, '000000')
  await expect(handset.getByRole('alert').filter({ hasText: '支付密码错误' })).toBeVisible()
  await checkout.stillWaits()
  await typePassword(handset, '246810')
  await expect(handset.getByRole('status')).toContainText('支付成功')
  await expect(handset.getByRole('status')).toContainText(amount.yuan)
  await checkout.isPaid()
})

test.describe('in English', () => {
  test.use({ locale: 'en-US' })

  test('a stranger picks the code from the list, leaves, comes back, and pays by typing', async ({
    checkout,
    context,
    phone,
    amount,
    shop,
  }) => {
    await checkout.open(amount)
    const { outTradeNo } = await phone.scan(checkout.page)
    const handset = await context.newPage()
    await handset.goto(shop.wechat.phoneUrl)
    const code = handset.locator(`[data-out-trade-no="${outTradeNo}"]`)
    await code.click()
    await handset.getByRole('button', { name: 'Cancel' }).click()
    await code.click()
    await handset.getByRole('button', { name: 'Pay now' }).click()
    await handset.keyboard.type('135790')
    await expect(handset.getByRole('status')).toContainText('Paid')
    await checkout.isPaid()
  })
})

test('the phone says so when a code was cancelled meanwhile, and that nothing was charged', async ({
  checkout,
  context,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 409/)
  await checkout.open(amount)
  const handset = await context.newPage()
  await handset.goto(shop.wechat.phoneUrl)
  await handset.getByRole('textbox', { name: '付款码内容' }).fill(await phone.read(checkout.page))
  await handset.getByRole('button', { name: '识别' }).click()
  await handset.getByRole('button', { name: '立即支付' }).click()
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.is('closed')

  await typePassword(handset, '246810')
  await expect(handset.getByRole('status')).toContainText('订单已关闭')
  await expect(handset.getByRole('status')).toContainText('未产生扣款')
})
