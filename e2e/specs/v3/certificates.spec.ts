import { expect, test } from '../../support/test.ts'

/** A merchant of the older kind: no public key, WeChat signs with platform certificates, which we fetch. */
test.use({ settings: { WXPAY_PUBLIC_KEY_ID: '', WXPAY_PUBLIC_KEY: '' }, signing: { mode: 'cert' } })

test('in v3, WeChat changes its platform certificate while two orders are open: one is paid, the other cancelled, by one download', async ({
  checkout,
  openTab,
  phone,
  amount,
  shop,
}) => {
  const other = await openTab()
  const otherAmount = shop.newAmount()
  await checkout.open(amount)
  await other.open(otherAmount)
  const bill = await phone.scan(checkout.page)
  const before = (await shop.wechat.merchant()).platformSerial
  // A delay of nothing only counts.
  const downloads = await shop.wechat.order({ on: 'certificates', kind: 'delay', ms: 0 })

  await shop.wechat.rotateCertificate()
  const { platformSerial } = await shop.wechat.merchant()
  expect(platformSerial).not.toBe(before)
  await bill.pay()
  await checkout.isPaid()
  await expect.poll(() => shop.noticesOf(bill.outTradeNo)).toMatchObject([{ result: 'accepted', serial: platformSerial }])

  await other.cancel.click()
  await other.confirmCancel.click()
  await other.is('closed')
  expect(await shop.wechat.tradesOf(otherAmount.fen)).toMatchObject([{ state: 'CLOSED' }])
  expect(await shop.wechat.struck(downloads), 'downloads of certificates').toBe(1)
})

test('in v3, a hundred notices under serials that nobody has heard of cause one download at most', async ({
  checkout,
  amount,
  shop,
  phone,
}) => {
  await checkout.open(amount)
  const { outTradeNo, pay } = await phone.scan(checkout.page)
  await shop.wechat.order({ on: 'query', kind: 'http-500', outTradeNo })
  const downloads = await shop.wechat.order({ on: 'certificates', kind: 'delay', ms: 0 })
  await shop.wechat.order({ on: 'notice', kind: 'unknown-serial', outTradeNo, times: 1 })
  await shop.wechat.order({ on: 'notice', kind: 'duplicate-at-once', copies: 100, outTradeNo, times: 1 })
  await pay()
  await expect.poll(async () => (await shop.wechat.noticeOf(outTradeNo)).attempts).toMatchObject([{ acknowledged: false }])
  await checkout.stillWaits()
  expect(await shop.wechat.struck(downloads)).toBeLessThanOrEqual(1)

  const { id } = await shop.wechat.noticeOf(outTradeNo)
  expect(await shop.wechat.resend(id)).toMatchObject({ acknowledged: true })
  await checkout.isPaid()
})
