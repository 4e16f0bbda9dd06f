import { expect, test } from '../../support/test.ts'
import type { CheckoutPage } from '../../support/checkoutPage.ts'

const books = {
  'zh-CN': {
    pay: (yuan: string) => `微信支付 ¥${yuan}`,
    scan: '打开微信扫一扫',
    waiting: (yuan: string) => `请用微信扫码支付 ${yuan} 元`,
    qr: (yuan: string) => `微信支付付款码，金额 ${yuan} 元，商户 青禾书店`,
    paid: '已收款',
    saidPaid: (yuan: string) => `已收款 ${yuan} 元`,
    receipt: '付款凭证',
  },
  en: {
    pay: (yuan: string) => `Pay ¥${yuan} with WeChat`,
    scan: 'Scan with WeChat',
    waiting: (yuan: string) => `Scan with WeChat to pay CNY ${yuan}`,
    qr: (yuan: string) => `WeChat Pay code, amount CNY ${yuan}, merchant 青禾书店`,
    paid: 'Paid',
    saidPaid: (yuan: string) => `Paid CNY ${yuan}`,
    receipt: 'Payment receipt',
  },
}

for (const locale of ['zh-CN', 'en'] as const) {
  const words = books[locale]
  test.describe(`a browser that asks for ${locale}`, () => {
    test.use({ locale: locale === 'en' ? 'en-GB' : 'zh-CN' })

    test(`gets the whole payment in ${locale}`, async ({ checkout, phone, amount }) => {
      const { page } = checkout
      await checkout.goto()
      await expect(page.locator('html')).toHaveAttribute('lang', locale)
      await checkout.amount.fill(amount.yuan)
      await page.getByRole('button', { name: words.pay(amount.yuan), exact: true }).click()
      await expect(checkout.dialog).toContainText(words.scan)
      await expect(checkout.said).toHaveText(words.waiting(amount.yuan))
      await expect(page.getByRole('img', { name: words.qr(amount.yuan), exact: true })).toBeVisible()
      await (await phone.scan(page)).pay()
      await checkout.isPaid()
      await expect(page.getByRole('heading', { name: words.paid, exact: true })).toBeVisible()
      await expect(checkout.alerted).toHaveText(words.saidPaid(amount.yuan))
      await checkout.receiptLink.click()
      await expect(page.getByRole('region', { name: words.receipt })).toBeVisible()
      await hasNoWordsOfTheOther(checkout, locale)
    })
  })
}

test('the language is switched without a reload, and remembered', async ({ checkout, phone, amount, openTab }) => {
  const { page } = checkout
  await checkout.goto()
  const loads: string[] = []
  page.on('domcontentloaded', () => loads.push(page.url()))
  await checkout.amount.fill(amount.yuan)
  await checkout.language.click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await expect(checkout.amount).toHaveValue(amount.yuan)
  await page.getByRole('button', { name: books.en.pay(amount.yuan), exact: true }).click()
  await expect(checkout.dialog).toContainText(books.en.scan)

  await (await phone.scan(page)).pay()
  await checkout.isPaid()
  await checkout.language.click()
  await expect(page.getByRole('heading', { name: books['zh-CN'].paid, exact: true })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await checkout.language.click()
  expect(loads).toEqual([])

  const other = await openTab()
  await other.goto()
  await expect(other.page.locator('html')).toHaveAttribute('lang', 'en')
})

/** An English receipt has no Chinese but the names of the shop and of its own language switch. */
async function hasNoWordsOfTheOther({ main }: CheckoutPage, locale: 'zh-CN' | 'en'): Promise<void> {
  if (locale === 'zh-CN') return
  const text = (await main.innerText()).replaceAll('青禾书店', '')
  expect(text).not.toMatch(/\p{Script=Han}/u)
}
