import { isDeepStrictEqual } from 'node:util'
import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from '@playwright/test'

/** For Chromium: a page is drawn by the process that draws another one of the same browser context already, if there is one. */
export const onePageProcess = '--renderer-process-limit=1'

export type KeptBrowsers = ReturnType<typeof keepBrowsers>

interface Kept {
  options: BrowserContextOptions
  context: BrowserContext
  /** Never closed, so that the process stays, with the code that it has compiled. */
  anchor: Page
  session: CDPSession
  /** Something was done to it that cannot be taken back. */
  isSpoiled: boolean
}

/**
 * Browser contexts that serve one test after the other. A new context has a new process that compiles everything anew: two fifths of the
 * processor time that a page costs. Between two tests nothing stays but what a browser may always have, its cache.
 *
 * @param origins - whose data is deleted
 */
export function keepBrowsers(browser: Browser, origins: readonly string[]) {
  const idle: Kept[] = []

  async function open(options: BrowserContextOptions): Promise<Kept> {
    const context = await browser.newContext(options)
    const anchor = await context.newPage()
    // Of the same site as every page of the tests, and nothing runs in it.
    await anchor.goto('/favicon.svg')
    const kept: Kept = { options, context, anchor, session: await context.newCDPSession(anchor), isSpoiled: false }
    const install = context.clock.install.bind(context.clock)
    context.clock.install = (moment) => {
      kept.isSpoiled = true
      return install(moment)
    }
    return kept
  }

  return {
    async borrow(options: BrowserContextOptions): Promise<Kept> {
      const index = idle.findIndex((one) => isDeepStrictEqual(one.options, options))
      return idle.splice(index, index < 0 ? 0 : 1)[0] ?? open(options)
    },
    async giveBack({ context, anchor, session, ...rest }: Kept): Promise<void> {
      if (rest.isSpoiled) return context.close()
      for (const page of context.pages()) if (page !== anchor) await page.close()
      await context.setOffline(false)
      await context.clearCookies()
      for (const origin of origins) await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
      idle.push({ context, anchor, session, ...rest })
    },
    async close(): Promise<void> {
      for (const { context } of idle) await context.close()
    },
  }
}
