import { expectAccessible } from '../../support/accessibility.ts'
import type { CheckoutPage } from '../../support/checkoutPage.ts'
import { desktop, insideWechat, phoneBrowser } from '../../support/devices.ts'
import { expectNoSidewaysScrolling } from '../../support/layout.ts'
import type { Amount, Shop } from '../../support/shop.ts'
import { expect, test } from '../../support/test.ts'
import { putWechatInto, type WechatClient } from '../../support/wechatClient.ts'
import { WechatPage } from '../../support/wechatPage.ts'

interface Way {
  checkout: CheckoutPage
  wechatClient: WechatClient
  amount: Amount
  shop: Shop
  /** An order that was begun as a code on another screen. */
  begunElsewhere(): Promise<string>
}

async function openSheet({ checkout, amount, wechatClient }: Way): Promise<void> {
  await checkout.goto()
  await checkout.ask(amount)
  await expect(wechatClient.sheet).toBeVisible()
}

/** How a payer inside WeChat gets into each state that a code does not have. */
const inWechat: Record<string, (way: Way) => Promise<void>> = {
  'while the sheet is open': openSheet,
  async 'after the sheet was closed'(way) {
    await openSheet(way)
    await way.wechatClient.choose('cancel')
    await expect(way.checkout.payAgain).toBeVisible()
  },
  async 'after the sheet has failed'(way) {
    await openSheet(way)
    await way.wechatClient.choose('fail')
    await expect(way.checkout.payAgain).toBeVisible()
  },
  async 'after a "ok" that nobody has confirmed'(way) {
    await openSheet(way)
    await way.wechatClient.choose('ok-although-unpaid')
    await way.checkout.is('checking')
  },
  async 'on an order that was begun elsewhere'({ checkout, begunElsewhere }) {
    await checkout.goto(await begunElsewhere())
    await expect(checkout.payNow).toBeVisible()
  },
}

/** The same for a phone's browser. */
const onPhone: Record<string, (way: Way) => Promise<void>> = {
  async 'back from WeChat'({ checkout, amount, shop }) {
    await checkout.goto()
    await checkout.ask(amount)
    await new WechatPage(checkout.page, shop.wechat).leave.click()
    await expect(checkout.havePaid).toBeVisible()
  },
  async 'on an order that was begun elsewhere'({ checkout, begunElsewhere }) {
    await checkout.goto(await begunElsewhere())
    await expect(checkout.payNow).toBeVisible()
  },
}

for (const [where, device, states] of [
  ['inside WeChat', insideWechat, inWechat],
  ['in a phone’s browser', phoneBrowser, onPhone],
] as const) {
  for (const [state, reach] of Object.entries(states)) {
    test(`${where}, ${state}: axe finds nothing, light or dark, and at 320 pixels nothing scrolls sideways`, async ({
      openBrowser,
      amount,
      shop,
    }) => {
      const checkout = await openBrowser({ ...device, viewport: { width: 320, height: 640 } })
      const wechatClient = await putWechatInto(checkout.page, shop.wechat)
      const begunElsewhere = async () => {
        const till = await openBrowser(desktop)
        await till.open(amount)
        return till.path
      }
      await reach({ checkout, wechatClient, amount, shop, begunElsewhere })
      await expectNoSidewaysScrolling(checkout.page)
      await expectAccessible(checkout.page)
    })
  }
}

test('the screen whose order is being paid inside WeChat says so, and axe finds nothing there', async ({ openBrowser, amount, shop }) => {
  const [till, payer] = [await openBrowser(desktop), await openBrowser(insideWechat)]
  const wechatClient = await putWechatInto(payer.page, shop.wechat)
  await till.open(amount)
  await payer.goto(till.path)
  await payer.payNow.click()
  await expect(wechatClient.sheet).toBeVisible()
  await expect(till.dialog).toContainText('这笔订单正在另一台设备上支付')
  await expectAccessible(till.page)
})

test('the page of a refused authorisation: axe finds nothing, light or dark, and at 320 pixels nothing scrolls sideways', async ({
  openBrowser,
  troubles,
}) => {
  troubles.expect(/status of 400/)
  const { page } = await openBrowser({ ...insideWechat, viewport: { width: 320, height: 640 } })
  await page.goto('/wechat/oauth/callback?code=nobody&state=nobody')
  await expect(page.getByRole('alert')).toBeVisible()
  await expectNoSidewaysScrolling(page)
  await expectAccessible(page)
})
