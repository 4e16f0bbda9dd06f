import { expectAccessible } from '../../support/accessibility.ts'
import { expect, test } from '../../support/test.ts'

/** A second for the code, a second for the order after it. */
test.use({ settings: { QR_LIFE_SECONDS: '1', ORDER_LIFE_SECONDS: '1' } })

test('an order that nobody pays is over after its time, and says that nothing was charged', async ({ checkout, amount, shop }) => {
  await checkout.goto()
  await checkout.ask(amount)
  await expect(checkout.main.getByRole('heading', { name: '订单已过期' })).toBeVisible()
  await checkout.is('expired')
  await expect(checkout.main).toContainText('未扣款')
  await expect(checkout.dialog).toHaveCount(0)
  await expectAccessible(checkout.page)
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'CLOSED' }])
})
