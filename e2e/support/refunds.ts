import { expect } from '@playwright/test'
import type { Shop } from './shop.ts'
import type { Refund } from './wechat.ts'

/** Until WeChat has so many refunds of a payment. @returns the latest */
export async function refundAtWechat({ wechat }: Shop, outTradeNo: string, count = 1): Promise<Refund> {
  await expect.poll(async () => (await wechat.refundsOf(outTradeNo)).length, { timeout: 90_000 }).toBe(count)
  const refund = (await wechat.refundsOf(outTradeNo)).at(-1)
  if (!refund) throw new Error('WeChat has no refund')
  return refund
}
