import { isDeepStrictEqual } from 'node:util'
import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from '@playwright/test'

/**
 * For Chromium, whose pages of tests are short and many. A page is drawn by the process that draws another one of the same browser context
 * already, if there is one: every page begins as about:blank, which is no site of ours, and with site isolation in a process of its own.
 * And what compiles code for speed costs more than a page that lives for seconds ever gets back.
 */
export const shortLivedPages = [
  '--renderer-process-limit=1',
  '--disable-site-isolation-trials',
  '--js-flags=--no-sparkplug,--no-maglev,--no-turbofan',
]

export type KeptBrowsers = ReturnType<typeof keepBrowsers>

interface Kept {
  options: BrowserContextOptions
  context: BrowserContext
  /** Something was done to it that cannot be taken back. */
  isSpoiled: boolean
  /** Since the end of its first test. */
  anchor: Anchor | undefined
}

/** Never closed, so that the process stays, with the code that it has compiled. */
interface Anchor {
  page: Page
  session: CDPSession
}

/**
 * Browser contexts that serve one test after the other. A new context has a new process that compiles everything anew: two fifths of the
 * processor time that a page costs. Between two tests nothing stays but what a browser may always have, its cache.
 *
 * @param origins - whose data is deleted
 */
export function keepBrowsers(browser: Browser, origins: readonly [string, ...string[]]) {
  const idle: Kept[] = []

  async function open(options: BrowserContextOptions): Promise<Kept> {
    const context = await browser.newContext(options)
    const kept: Kept = { options, context, isSpoiled: false, anchor: undefined }
    const install = context.clock.install.bind(context.clock)
    context.clock.install = (moment) => {
      kept.isSpoiled = true
      return install(moment)
    }
    return kept
  }

  /** Of the same site as every page of the tests; nothing runs in it. */
  async function dropAnchor(context: BrowserContext): Promise<Anchor> {
    const page = await context.newPage()
    await page.goto(`${origins[0]}/favicon.svg`)
    return { page, session: await context.newCDPSession(page) }
  }

  return {
    async borrow(options: BrowserContextOptions): Promise<Kept> {
      const index = idle.findIndex((one) => isDeepStrictEqual(one.options, options))
      return idle.splice(index, index < 0 ? 0 : 1)[0] ?? open(options)
    },
    async giveBack(kept: Kept): Promise<void> {
      const { context } = kept
      if (kept.isSpoiled) return context.close()
      await context.setOffline(false)
      const { page: anchor, session } = (kept.anchor ??= await dropAnchor(context))
      for (const page of context.pages()) if (page !== anchor) await page.close()
      await context.clearCookies()
      for (const origin of origins) await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
      idle.push(kept)
    },
    async close(): Promise<void> {
      for (const { context } of idle) await context.close()
    },
  }
}
