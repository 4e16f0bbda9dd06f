import { expect } from '@playwright/test'
import type { CheckoutPage } from './checkoutPage.ts'
import type { Phone } from './phone.ts'
import type { Shop } from './shop.ts'

interface Story {
  shop: Shop
  phone: Phone
  openTab(): Promise<CheckoutPage>
}

/**
 * Orders whose notices are lost and whose queries are answered with one of the faults each: their pages wait on, until an honest answer comes.
 * They wait at the same time: what follows the ladder of queries takes ten seconds and more.
 */
export async function waitOnUntilAnHonestAnswer(kinds: readonly string[], { shop, phone, openTab }: Story): Promise<void> {
  const waiting: { kind: string; checkout: CheckoutPage; outTradeNo: string; fault: number }[] = []
  for (const kind of kinds) {
    const checkout = await openTab()
    await checkout.open(shop.newAmount())
    const { outTradeNo, pay } = await phone.scan(checkout.page)
    await shop.wechat.order({ on: 'notice', kind: 'drop', outTradeNo })
    const fault = await shop.wechat.order({ on: 'query', kind, outTradeNo })
    await pay()
    waiting.push({ kind, checkout, outTradeNo, fault })
  }
  for (const { kind, checkout, fault } of waiting) {
    await expect.poll(() => shop.wechat.struck(fault), kind).toBeGreaterThan(0)
    await checkout.stillWaits()
  }
  await shop.wechat.behave()
  for (const { outTradeNo } of waiting) await shop.wechat.order({ on: 'notice', kind: 'drop', outTradeNo })
  await Promise.all(waiting.map(({ checkout }) => checkout.isPaid()))
}
