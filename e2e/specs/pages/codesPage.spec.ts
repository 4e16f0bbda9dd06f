import { expectAccessible } from '../../support/accessibility.ts'
import { CodesPage, productOf } from '../../support/codesPage.ts'
import { expectNoSidewaysScrolling } from '../../support/layout.ts'
import { operatorToken } from '../../support/shop.ts'
import { expect, test } from '../../support/test.ts'

test('the page that prints codes: axe finds nothing before and after the token, light or dark, nor does it scroll sideways at 320 pixels', async ({
  page,
  amount,
}) => {
  await page.setViewportSize({ width: 320, height: 640 })
  const codes = new CodesPage(page)
  await page.goto('/console/codes')
  await expect(codes.main).toHaveAttribute('data-state', 'locked')
  await expectNoSidewaysScrolling(page)
  await expectAccessible(page)

  const product = productOf(amount)
  await codes.unlock(operatorToken)
  await codes.add(product)
  await codes.print(product)
  await page.emulateMedia({ media: 'screen' })
  await expectNoSidewaysScrolling(page)
  await expectAccessible(page)
})

test('a wrong token opens nothing', async ({ page, troubles }) => {
  troubles.expect(/status of 401/)
  await page.goto('/console/codes')
  await page.getByRole('textbox', { name: '操作员口令' }).fill(`${operatorToken}x`)
  await page.getByRole('button', { name: '进入' }).click()
  await expect(page.getByRole('alert').filter({ hasText: '口令不对' })).toBeVisible()
  await expect(page.locator('main')).toHaveAttribute('data-state', 'locked')
})
