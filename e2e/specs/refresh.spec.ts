import { expect, test } from '../support/test.ts'
import type { CheckoutPage } from '../support/checkoutPage.ts'

/** A shop gives a code that is younger than this to everybody who asks for a new one. */
const codeIsNotFreshAnyMore = /0(4:50|4:[0-4]\d|[0-3]:)/
/** Then the page offers a new code by itself. */
const longWaitMs = 200_000

test.beforeEach(({ page }) => page.clock.install())

async function waitUntilNewCodeIsOffered({ page, countdown, newCode }: CheckoutPage): Promise<void> {
  await expect(countdown).toHaveText(codeIsNotFreshAnyMore)
  await page.clock.fastForward(longWaitMs)
  await expect(newCode).toBeVisible()
}

test('a new code takes the place of the old one, which can no longer be paid', async ({ checkout, phone, amount, shop }) => {
  await checkout.open(amount)
  const old = await phone.scan(checkout.page)
  await waitUntilNewCodeIsOffered(checkout)
  await checkout.newCode.click()
  await expect.poll(() => phone.read(checkout.page)).not.toBe(old.codeUrl)

  await expect(phone.look(old.codeUrl)).rejects.toMatchObject({ code: 'closed' })
  await expect(old.pay()).rejects.toMatchObject({ code: 'closed' })
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  expect((await shop.wechat.tradesOf(amount.fen)).map(({ state }) => state).toSorted()).toEqual(['CLOSED', 'SUCCESS'])
})

test('R14 the old code is paid between our query and our close: the order is paid, and no second code appears', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 409/)
  await checkout.open(amount)
  const { outTradeNo } = await phone.scan(checkout.page)
  await waitUntilNewCodeIsOffered(checkout)
  const fault = await shop.wechat.order({ on: 'close', kind: 'paid-meanwhile', outTradeNo, times: 1 })
  await checkout.newCode.click()
  await checkout.isPaid()
  expect(await shop.wechat.struck(fault)).toBe(1)
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ outTradeNo, state: 'SUCCESS' }])
})

test('R14 the phone pays while the close of the old code is on its way: the order is paid, and no second code appears', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 409/)
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await waitUntilNewCodeIsOffered(checkout)
  const slowClose = await shop.wechat.order({ on: 'close', kind: 'delay', ms: 1_500, outTradeNo: bill.outTradeNo })
  await checkout.newCode.click()
  await expect.poll(() => shop.wechat.struck(slowClose)).toBe(1)
  await bill.pay()
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ outTradeNo: bill.outTradeNo, state: 'SUCCESS' }])
})

test('R14 the query before the close finds the payment: nothing is closed, the code is gone until the notice says paid', async ({
  checkout,
  phone,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 409/)
  await checkout.open(amount)
  const bill = await phone.scan(checkout.page)
  await waitUntilNewCodeIsOffered(checkout)
  await shop.wechat.order({ on: 'notice', kind: 'late', ms: 60_000, outTradeNo: bill.outTradeNo })
  const close = await shop.wechat.order({ on: 'close', kind: 'delay', ms: 0, outTradeNo: bill.outTradeNo })
  await bill.pay()
  await checkout.newCode.click()
  await checkout.is('checking')
  await expect(checkout.dialog).toContainText('请勿重复支付')
  await expect(checkout.qr).toHaveCount(0)
  expect(await shop.wechat.struck(close)).toBe(0)

  await shop.wechat.advance(60_000)
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS' }])
})

test('two tabs that ask for a new code at once get the same one, and one payment is open at WeChat', async ({
  checkout,
  openTab,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  const old = await phone.scan(checkout.page)
  const other = await openTab()
  await other.goto(checkout.path)
  await other.is('waiting')
  await waitUntilNewCodeIsOffered(checkout)
  await expect(other.newCode).toBeVisible()
  // Slow enough that the second one asks while the first is being served.
  await shop.wechat.order({ on: 'close', kind: 'delay', ms: 500, outTradeNo: old.outTradeNo })
  await Promise.all([checkout.newCode.click(), other.newCode.click()])

  await expect.poll(() => phone.read(checkout.page)).not.toBe(old.codeUrl)
  await expect.poll(() => phone.read(other.page)).not.toBe(old.codeUrl)
  const bill = await phone.scan(checkout.page)
  expect(await phone.read(other.page)).toBe(bill.codeUrl)
  expect((await shop.wechat.tradesOf(amount.fen)).filter(({ state }) => state === 'NOTPAY')).toMatchObject([{ codeUrl: bill.codeUrl }])

  await bill.pay()
  await Promise.all([checkout.isPaid(), other.isPaid()])
})
