import { expectAccessible } from '../../support/accessibility.ts'
import { expect, test } from '../../support/test.ts'

/** A code lives long enough to be scanned on a slow machine, and is over soon. */
test.use({ settings: { QR_LIFE_SECONDS: '8' } })
/** In one worker, whose API is started anew once for all of them. */
test.describe.configure({ mode: 'default' })

test('a code expires, one tap gives a new one, and the old one can no longer be paid', async ({ checkout, phone, amount, shop }) => {
  await checkout.open(amount)
  const old = await phone.scan(checkout.page)
  await checkout.is('expired')
  await expect(checkout.said).toHaveText('付款码已过期')
  await expect(checkout.dialog).toContainText('已过期，未扣款')
  await expect(checkout.qr).toHaveCount(0)
  await expect(old.pay()).rejects.toMatchObject({ code: 'closed' })
  await expectAccessible(checkout.page)

  await checkout.newCode.click()
  const bill = await phone.scan(checkout.page)
  expect(bill.codeUrl).not.toBe(old.codeUrl)
  await bill.pay()
  await checkout.isPaid()
  await expect(phone.look(old.codeUrl)).rejects.toMatchObject({ code: 'closed' })
  expect((await shop.wechat.tradesOf(amount.fen)).map(({ state }) => state).toSorted()).toEqual(['CLOSED', 'SUCCESS'])
})

test('a shopper who needs more time gets it on the same code', async ({ checkout, phone, amount }) => {
  await checkout.open(amount)
  await checkout.is('expiring')
  const code = await phone.read(checkout.page)
  await expect(checkout.countdown).toHaveText(/00:0[1-4]/)
  await checkout.moreTime.click()
  await expect(checkout.countdown).toHaveText(/00:0[5-8]/)
  const bill = await phone.scan(checkout.page)
  expect(bill.codeUrl).toBe(code)
  await bill.pay()
  await checkout.isPaid()
})

test('R14 the payment slips in while an expired code is being closed: the order is paid, not lost, and no second code appears', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo } = await phone.scan(checkout.page)
  const fault = await shop.wechat.order({ on: 'close', kind: 'paid-meanwhile', outTradeNo, times: 1 })
  await checkout.isPaid()
  expect(await shop.wechat.struck(fault)).toBe(1)
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ outTradeNo, state: 'SUCCESS' }])
})

test('R14 while WeChat does not answer the close, the page is checking and offers no new code; then it has expired', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo } = await phone.scan(checkout.page)
  const fault = await shop.wechat.order({ on: 'close', kind: 'SYSTEMERROR', outTradeNo, times: 1 })
  await expect.poll(() => shop.wechat.struck(fault)).toBe(1)
  await checkout.is('checking')
  await expect(checkout.qr).toHaveCount(0)
  await expect(checkout.newCode).toHaveCount(0)
  await checkout.is('expired')
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'CLOSED' }])
})

test('two tabs that tap for a new code at once get the same one', async ({ checkout, openTab, phone, amount, shop }) => {
  await checkout.open(amount)
  const other = await openTab()
  await other.goto(checkout.path)
  await Promise.all([checkout.is('expired'), other.is('expired')])
  await Promise.all([checkout.newCode.click(), other.newCode.click()])
  const [code, otherCode] = await Promise.all([phone.read(checkout.page), phone.read(other.page)])
  expect(otherCode).toBe(code)
  expect((await shop.wechat.tradesOf(amount.fen)).filter(({ state }) => state === 'NOTPAY')).toHaveLength(1)
})
