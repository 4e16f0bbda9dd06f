import { test as base, expect, type BrowserContextOptions, type Page } from '@playwright/test'
import { CheckoutPage } from './checkoutPage.ts'
import { keepBrowsers, type KeptBrowsers } from './keptBrowsers.ts'
import { type Troubles, watchTroubles } from './troubles.ts'
import { createMerchant, type Merchant } from './merchant.ts'
import { createPhone, type Phone } from './phone.ts'
import { type TestOptions, usualProtocol, usualSigning, type WorkerOptions } from './options.ts'
import { putWechatInto, type WechatClient } from './wechatClient.ts'
import { type Amount, openShop, type Shop } from './shop.ts'

export { expect }

interface WorkerFixtures extends WorkerOptions {
  keptBrowsers: KeptBrowsers
  /** Started once for each worker and each choice of options: it takes seconds. */
  openedShop: Shop
}

interface TestFixtures extends TestOptions {
  shop: Shop
  checkout: CheckoutPage
  /** Another page of the same browser. */
  openTab(): Promise<CheckoutPage>
  /** Another browser, of somebody else or on another device. */
  openBrowser(device: BrowserContextOptions): Promise<CheckoutPage>
  phone: Phone
  merchant: Merchant
  /** Makes the browser one inside WeChat, together with the user agent of `insideWechat`. */
  wechatClient: WechatClient
  amount: Amount
  /** What browsers complained of. A test that expects trouble says which; any other complaint fails it. */
  troubles: Troubles
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  protocol: [usualProtocol, { option: true, scope: 'worker' }],
  openedShop: [
    async ({ protocol }, use, { parallelIndex }) => {
      const shop = await openShop({ protocol }, parallelIndex)
      await use(shop)
      await shop.close()
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  keptBrowsers: [
    async ({ browser, openedShop }, use) => {
      const kept = keepBrowsers(browser, [openedShop.url, openedShop.wechat.url])
      await use(kept)
      await kept.close()
    },
    { scope: 'worker' },
  ],

  signing: [usualSigning, { option: true }],
  settings: [{}, { option: true }],
  shop: async ({ openedShop, signing, settings }, use, testInfo) => {
    await openedShop.settle({ signing, settings })
    const { api, mock } = openedShop
    const [apiFrom, mockFrom] = [api.lines.length, mock.lines.length]
    await use(openedShop)
    if (testInfo.status === testInfo.expectedStatus) return
    process.stderr.write(excerpt('API', api.lines.slice(apiFrom)) + excerpt('mock of WeChat', mock.lines.slice(mockFrom)))
  },
  baseURL: async ({ shop }, use) => use(shop.url),
  amount: async ({ shop }, use) => use(shop.newAmount()),
  phone: async ({ shop }, use) => use(createPhone(shop.wechat)),
  merchant: async ({ shop }, use) => use(createMerchant(shop.url)),

  troubles: async ({}, use) => {
    const troubles = watchTroubles()
    await use(troubles)
    expect(troubles.unexpected(), 'what the browser complained of').toEqual([])
  },
  // Of Playwright's options those that tests set here; another one has to be added before a test can use it.
  context: async ({ keptBrowsers, troubles, baseURL, viewport, hasTouch, isMobile, userAgent, locale }, use, testInfo) => {
    const kept = await keptBrowsers.borrow({
      viewport,
      hasTouch,
      isMobile,
      ...(baseURL !== undefined && { baseURL }),
      ...(userAgent !== undefined && { userAgent }),
      ...(locale !== undefined && { locale }),
    })
    const unwatch = troubles.watch(kept.context)
    await use(kept.context)
    unwatch()
    // After a failure it is photographed as it is, and ends with its worker.
    if (testInfo.status === testInfo.expectedStatus) await keptBrowsers.giveBack(kept)
  },
  wechatClient: async ({ page, shop }, use) => use(await putWechatInto(page, shop.wechat)),
  checkout: async ({ page }, use) => use(new CheckoutPage(page)),
  openBrowser: async ({ keptBrowsers, shop, troubles }, use, testInfo) => {
    const endings: (() => Promise<void>)[] = []
    await use(async (device) => {
      const kept = await keptBrowsers.borrow({ baseURL: shop.url, locale: 'zh-CN', ...device })
      const unwatch = troubles.watch(kept.context)
      endings.push(() => {
        unwatch()
        return keptBrowsers.giveBack(kept)
      })
      return new CheckoutPage(await kept.context.newPage())
    })
    if (testInfo.status === testInfo.expectedStatus) for (const end of endings) await end()
  },
  openTab: async ({ context }, use) => use(async () => new CheckoutPage(await context.newPage())),
})

export type { Page }

/** The end of what a server said during a failed test. */
function excerpt(name: string, lines: readonly string[]): string {
  return `\n── ${name}, last lines ──\n${lines.slice(-60).join('\n')}\n`
}
