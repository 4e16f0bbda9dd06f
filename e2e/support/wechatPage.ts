import { expect, type Locator, type Page } from '@playwright/test'
import type { Wechat } from './wechat.ts'

/** WeChat's page for payments from a phone's browser (H5), where WeChat itself opens: what the payer can do there. */
export class WechatPage {
  readonly amount: Locator
  readonly pay: Locator
  readonly leave: Locator
  /** In place of all that: why it lets nobody in. */
  readonly words: Locator
  private readonly page: Page
  private readonly url: string

  constructor(page: Page, { url }: Wechat) {
    this.page = page
    this.url = url
    this.amount = page.getByTestId('h5-amount')
    this.pay = page.getByTestId('h5-pay')
    this.leave = page.getByTestId('h5-leave')
    this.words = page.getByTestId('h5-result')
  }

  isAt(address: string): boolean {
    return address.startsWith(`${this.url}/cgi-bin/mmpayweb-bin/checkmweb?`)
  }

  async isOpen(): Promise<void> {
    await expect(this.pay, 'WeChat’s page has let the payer in').toBeVisible()
    expect(this.isAt(this.page.url())).toBe(true)
  }
}
