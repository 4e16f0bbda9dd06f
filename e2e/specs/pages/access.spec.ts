import { expectAccessible } from '../../support/accessibility.ts'
import type { CheckoutPage, PageState } from '../../support/checkoutPage.ts'
import type { Bill } from '../../support/phone.ts'
import type { Amount, Shop } from '../../support/shop.ts'
import { expect, test } from '../../support/test.ts'

interface Way {
  checkout: CheckoutPage
  amount: Amount
  shop: Shop
  scan(): Promise<Bill>
}

/** How a shopper gets into each state; `expired`, which takes a short-lived code, is looked at in expiry.spec.ts and orderExpiry.spec.ts. */
const ways: Record<Exclude<PageState, 'expired'>, (way: Way) => Promise<void>> = {
  idle: ({ checkout }) => checkout.goto(),
  async creating({ checkout, amount, shop }) {
    await shop.wechat.order({ on: 'create', kind: 'delay', ms: 8_000, times: 1 })
    await checkout.goto()
    await checkout.ask(amount)
  },
  waiting: ({ checkout, amount }) => checkout.open(amount),
  async expiring({ checkout, amount }) {
    await checkout.page.clock.install()
    await checkout.open(amount)
    await checkout.page.clock.fastForward(245_000)
  },
  async checking({ checkout, amount }) {
    await checkout.open(amount)
    await checkout.iHavePaid.click()
  },
  async paid({ checkout, amount, scan }) {
    await checkout.page.clock.install()
    await checkout.open(amount)
    await (await scan()).pay()
    await checkout.is('paid')
    await checkout.page.clock.fastForward(5_000)
    await expect(checkout.page.getByTestId('receipt')).toBeVisible()
  },
  async closed({ checkout, amount }) {
    await checkout.open(amount)
    await checkout.cancel.click()
    await checkout.confirmCancel.click()
  },
  async offline({ checkout, amount }) {
    await checkout.open(amount)
    await checkout.page.context().setOffline(true)
  },
  async error({ checkout, amount, shop, scan }) {
    await checkout.open(amount)
    const { outTradeNo, pay } = await scan()
    await shop.wechat.order({ on: 'notice', kind: 'amount-off', outTradeNo })
    await pay()
  },
}

for (const [state, reach] of Object.entries(ways)) {
  test(`axe finds nothing on the page while it is ${state}, light or dark`, async ({ checkout, amount, shop, phone, troubles }) => {
    if (state === 'offline') troubles.expect(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/)
    await reach({ checkout, amount, shop, scan: () => phone.scan(checkout.page) })
    await expect(checkout.main).toHaveAttribute('data-state', state)
    await expectAccessible(checkout.page)
    await expect(checkout.main, 'it is still the state that was looked at').toHaveAttribute('data-state', state)
  })
}

test('axe finds nothing on the help, the question before a cancel, and the words after 200 s', async ({ checkout, amount }) => {
  const { page } = checkout
  await page.clock.install()
  await checkout.open(amount)
  await checkout.help.click()
  await expectAccessible(page)
  await checkout.cancel.click()
  await expectAccessible(page)
  await checkout.keepWaiting.click()
  await page.clock.fastForward(200_000)
  await expect(page.getByTestId('help-panel')).toContainText('还没有收到付款')
  await expectAccessible(page)
})

test('axe finds nothing on the receipt', async ({ checkout, amount, phone }) => {
  await checkout.open(amount)
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  await checkout.receiptLink.click()
  await expect(checkout.page).toHaveURL(/\/receipt\//)
  await expect(checkout.page.getByTestId('receipt')).toBeVisible()
  await expectAccessible(checkout.page)
})

test('an address that is nobody’s says so, and axe finds nothing there', async ({ checkout, troubles }) => {
  troubles.expect(/status of 404/)
  await checkout.goto('/no/such/page')
  await expect(checkout.page.getByRole('heading', { name: '找不到这个页面' })).toBeVisible()
  await expectAccessible(checkout.page)
  await checkout.goto('/pay/nobody-has-ever-made-this-order')
  await checkout.is('error')
  await expect(checkout.main).toContainText('找不到这笔付款')
  await expectAccessible(checkout.page)
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('the number pad takes the amount, and axe finds nothing there', async ({ checkout, amount, phone }) => {
    await checkout.goto()
    const { page } = checkout
    await expect(page.getByRole('group', { name: '数字键盘' })).toBeVisible()
    await expectAccessible(page)
    for (const key of amount.yuan) await page.getByRole('button', { name: key === '.' ? '小数点' : key, exact: true }).tap()
    await checkout.payButton.tap()
    expect(await phone.scan(page)).toMatchObject({ amountFen: amount.fen })
    await expectAccessible(page)
  })
})
