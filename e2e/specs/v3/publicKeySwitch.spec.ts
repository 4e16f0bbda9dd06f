import { expect, test } from '../../support/test.ts'
import type { Amount } from '../../support/shop.ts'

/** The day on which WeChat signs half of the notices with its public key, and the other half still with its certificate. */
test.use({ signing: { mode: 'mixed', share: 0.5 } })

const payments = 10

test(`in v3, in the middle of WeChat’s switch to its public key, ${payments} payments are paid, whichever key signs their notices`, async ({
  checkout,
  phone,
  shop,
}) => {
  const serials: (string | undefined)[] = []
  for (let paid = 0; paid < payments; paid += 1) {
    const amount: Amount = shop.newAmount()
    await checkout.open(amount)
    const { outTradeNo, pay } = await phone.scan(checkout.page)
    await pay()
    await checkout.isPaid()
    await expect.poll(() => shop.noticesOf(outTradeNo)).toMatchObject([{ result: 'accepted' }])
    serials.push(...shop.noticesOf(outTradeNo).map((notice) => notice.serial))
  }
  const { publicKeyId, platformSerial } = await shop.wechat.merchant()
  expect(new Set(serials)).toEqual(new Set([publicKeyId, platformSerial]))
})
