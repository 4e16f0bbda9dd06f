import { expect, type Locator, type Page } from '@playwright/test'

export type PageState = 'idle' | 'creating' | 'waiting' | 'expiring' | 'checking' | 'paid' | 'expired' | 'closed' | 'offline' | 'error'

/** The shopper's page by what a person sees and a screen reader hears: roles and names, in both languages. */
export class CheckoutPage {
  readonly page: Page
  readonly main: Locator
  readonly dialog: Locator
  readonly amount: Locator
  readonly payButton: Locator
  readonly qr: Locator
  readonly countdown: Locator
  readonly newCode: Locator
  readonly moreTime: Locator
  readonly iHavePaid: Locator
  readonly help: Locator
  readonly cancel: Locator
  readonly confirmCancel: Locator
  readonly keepWaiting: Locator
  readonly newPayment: Locator
  readonly receiptLink: Locator
  readonly retry: Locator
  /** Inside WeChat: brings up WeChat's sheet. For an order that was begun elsewhere, also in a phone's browser. */
  readonly payNow: Locator
  readonly payAgain: Locator
  readonly payByCode: Locator
  /** After a visit to WeChat's H5 page. */
  readonly havePaid: Locator
  readonly notPaidYet: Locator
  readonly language: Locator
  /** The two live regions. */
  readonly said: Locator
  readonly alerted: Locator

  constructor(page: Page) {
    const button = (name: RegExp) => page.getByRole('button', { name })
    this.page = page
    this.main = page.locator('main')
    this.dialog = page.getByRole('dialog')
    this.amount = page.getByRole('textbox', { name: /^(付款金额|Amount to pay)$/ })
    this.payButton = button(/^(微信支付( ¥.*)?|Pay (¥.* )?with WeChat)$/)
    this.qr = page.getByRole('img', { name: /^(微信支付付款码|WeChat Pay code)/ })
    this.countdown = page.getByTestId('countdown')
    this.newCode = button(/^(换一个付款码|New code)$/)
    this.moreTime = button(/^(延长时间|More time)$/)
    this.iHavePaid = button(/^(我已付款|I have paid)$/)
    this.help = button(/^(帮助|Help)$/)
    this.cancel = button(/^(取消|Cancel)$/)
    this.confirmCancel = button(/^(取消付款|Cancel payment)$/)
    this.keepWaiting = button(/^(继续等待|Keep waiting)$/)
    this.newPayment = page
      .getByRole('button', { name: /^(新的付款|New payment)$/ })
      .or(page.getByRole('link', { name: /^(新的付款|New payment)$/ }))
    this.receiptLink = page.getByRole('link', { name: /^(查看凭证|View receipt)$/ })
    this.retry = button(/^(重试|Try again)$/)
    this.payNow = button(/^(立即付款|打开微信支付|Pay now|Open WeChat to pay)$/)
    this.payAgain = button(/^(重新支付|Pay again)$/).or(page.getByRole('link', { name: /^(重新支付|Pay again)$/ }))
    this.payByCode = button(/^(改用另一台手机扫码|Scan with another phone instead)$/)
    this.havePaid = button(/^(已完成支付|Yes, I have paid)$/)
    this.notPaidYet = button(/^(还没付款，返回支付|Not paid yet: go back)$/)
    this.language = button(/^(English|中文)$/)
    this.said = page.locator('#announcements-polite')
    this.alerted = page.locator('#announcements-urgent')
  }

  async goto(path = '/'): Promise<void> {
    await this.page.goto(path)
  }

  /** @param timeout - in milliseconds, where a server is patient by design */
  async is(state: PageState, options: { timeout?: number } = {}): Promise<void> {
    await expect(this.main, `the page is ${state}`).toHaveAttribute('data-state', state, options)
  }

  /** From the empty page to a code that can be scanned. */
  async open({ yuan }: { yuan: string }): Promise<void> {
    await this.goto()
    await this.ask({ yuan })
    await expect(this.qr).toBeVisible()
  }

  /** Types the amount and presses the button. */
  async ask({ yuan }: { yuan: string }): Promise<void> {
    await this.amount.fill(yuan)
    await this.payButton.click()
  }

  /** The dialog has left the page, and the page says paid. */
  async isPaid(): Promise<void> {
    await this.is('paid')
    await expect(this.dialog).toHaveCount(0)
    await expect(this.page.getByRole('heading', { name: /^(已收款|Paid)$/ })).toBeVisible()
  }

  /** The dialog with its code is there: nothing has been taken for a payment. */
  async stillWaits(): Promise<void> {
    await this.is('waiting')
    await expect(this.qr).toBeVisible()
  }

  /** The order's address. */
  get path(): string {
    return new URL(this.page.url()).pathname
  }
}
