import type { Locator, Page } from '@playwright/test'
import { readObject, type Fields } from './read.ts'
import type { Wechat } from './wechat.ts'

/** What the payer does at the sheet, and what the page is told of it. The three long ones are lies: the mock's README explains them. */
export type Choice = 'ok' | 'cancel' | 'fail' | 'ok-without-notice' | 'ok-although-unpaid' | 'fail-although-paid'

export interface WechatClient {
  /** WeChat's own payment sheet, over the page. */
  sheet: Locator
  /** Presses a button of the sheet, when it is there. */
  choose(choice: Choice): Promise<void>
}

/** Gives a page the bridge of WeChat's browser. To be called before the page goes anywhere. */
export async function putWechatInto(page: Page, wechat: Wechat): Promise<WechatClient> {
  let chosen: Choice = 'cancel'
  // The page's own policy lets nothing out to another server, and WeChat's client is not the page.
  await page.exposeFunction('sendToWechat', (path: string, body: Fields) =>
    wechat.bridge(path, path === 'confirm' ? { ...readObject(body), choice: chosen } : body),
  )
  await page.addInitScript({ content: await wechat.bridgeScript() })
  await page.addInitScript({
    content: "window.__wechat = { choice: 'ask', send: (path, body) => window.sendToWechat(path, body) }",
  })
  const sheet = page.getByTestId('wechat-sheet')
  return {
    sheet,
    async choose(choice) {
      chosen = choice
      await sheet.getByTestId(`wechat-${choice.split('-')[0]}`).click()
    },
  }
}
