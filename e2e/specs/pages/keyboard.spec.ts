import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../../support/test.ts'

test('a whole payment by keyboard alone: amount, help, a second thought about leaving, paid, receipt', async ({
  checkout,
  phone,
  amount,
}) => {
  const { page } = checkout
  await checkout.goto()
  await checkout.is('idle')
  await tabTo(page, checkout.amount)
  await page.keyboard.type(amount.yuan)
  await page.keyboard.press('Enter')
  await expect(checkout.qr).toBeVisible()
  await expect(checkout.dialog.getByRole('heading', { name: `付款金额 ${amount.yuan} 元` })).toBeFocused()

  await tabTo(page, checkout.help)
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('help-panel')).toBeVisible()

  await page.keyboard.press('Escape')
  await expect(checkout.keepWaiting).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(checkout.keepWaiting).toHaveCount(0)
  await checkout.is('waiting')

  await (await phone.scan(page)).pay()
  await checkout.isPaid()
  await expect(page.getByRole('heading', { name: '已收款' })).toBeFocused()
  await tabTo(page, checkout.receiptLink)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/receipt\//)
})

test('focus never leaves the dialog while it is open, in either direction', async ({ checkout, amount }) => {
  const { page } = checkout
  await checkout.open(amount)
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let press = 0; press < 12; press += 1) {
      await page.keyboard.press(key)
      expect(await focusIsInDialogOrBrowser(page), `after ${press + 1} times ${key}`).toBe(true)
    }
  }
})

test('Escape asks before it cancels; cancelled by keyboard, the focus goes on to what happened', async ({ checkout, amount }) => {
  const { page } = checkout
  await checkout.open(amount)
  await page.keyboard.press('Escape')
  await checkout.is('waiting')
  await tabTo(page, checkout.confirmCancel)
  await page.keyboard.press('Enter')
  await checkout.is('closed')
  await expect(checkout.main.getByRole('heading', { name: '已取消' })).toBeFocused()
  await tabTo(page, checkout.newPayment)
  await page.keyboard.press('Enter')
  await checkout.is('idle')
  await expect(checkout.amount, 'the next key replaces the old amount').toBeFocused()
  await expect(checkout.amount).toHaveValue(amount.yuan)
})

/** Presses Tab until the element has the focus; each has to be reachable within one round. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let press = 0; press < 25; press += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`25 times Tab do not lead to ${String(target)}`)
}

/** Between the last element and the first the focus may pass the browser's own bars: then the page has none. */
function focusIsInDialogOrBrowser(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const { activeElement } = document
    return activeElement === document.body || activeElement?.closest('[role=dialog], .payment-dialog') !== null
  })
}
