import { expect, type Page } from '@playwright/test'
import { CheckoutPage } from './checkoutPage.ts'
import { readQr } from './qr.ts'
import type { Scanned, Wechat } from './wechat.ts'

/** What a phone shows after it has read a code, and what the payer can do about it. */
export interface Bill extends Scanned {
  /** What the pixels say. */
  codeUrl: string
  pay(): Promise<void>
  /** The password is wrong. */
  mistype(): Promise<void>
  /** The payer goes back without paying. */
  leave(): Promise<void>
}

export type Phone = ReturnType<typeof createPhone>

/** The payer's phone. It knows of the shop only what it sees on the screen. */
export function createPhone(wechat: Wechat) {
  /** Reads the code from a photograph of the page. @throws {Error} when no phone could read one there */
  async function read(page: Page): Promise<string> {
    const { qr } = new CheckoutPage(page)
    await expect(qr, 'a QR code for the phone').toBeVisible()
    const text = await readQr(qr)
    if (text === null) throw new Error(`no QR code can be read on ${page.url()}`)
    return text
  }

  /** Asks WeChat what a code is about. @throws {WechatRefusal} when it cannot be paid (any more) */
  async function look(codeUrl: string): Promise<Bill> {
    return {
      ...(await wechat.scan(codeUrl)),
      codeUrl,
      pay: () => wechat.pay(codeUrl),
      mistype: () => wechat.fail(codeUrl),
      leave: () => wechat.cancel(codeUrl),
    }
  }

  return { read, look, scan: async (page: Page): Promise<Bill> => look(await read(page)) }
}
