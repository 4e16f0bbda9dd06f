import { forgeries, replies } from '../support/forgeries.ts'
import { expect, test } from '../support/test.ts'

const day = 24 * 3_600_000

for (const kind of ['duplicate', 'duplicate-at-once'] as const) {
  const how = kind === 'duplicate' ? 'ten times' : 'ten times at the same instant'
  test(`R10 a notice that comes ${how} is one transition, and is acknowledged`, async ({ checkout, phone, amount, merchant, shop }) => {
    await checkout.open(amount)
    const { outTradeNo, pay } = await phone.scan(checkout.page)
    const before = await merchant.orderOn(checkout)
    await shop.wechat.order({ on: 'notice', kind, copies: 10, outTradeNo })
    await pay()
    await checkout.isPaid()

    await expect.poll(async () => (await shop.wechat.noticeOf(outTradeNo)).state).toBe('acknowledged')
    await expect
      .poll(() =>
        shop
          .noticesOf(outTradeNo)
          .map(({ result, reason }) => `${result}, ${reason}`)
          .toSorted(),
      )
      .toEqual(['accepted, applied', ...Array<string>(9).fill('accepted, repeat')])
    expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'paid', version: before.version + 1, problem: null })
  })
}

test('R5 no forged notice closes the dialog: not one field, signature or key may differ; then the honest one does', async ({
  checkout,
  phone,
  amount,
  merchant,
  shop,
  protocol,
}) => {
  await checkout.open(amount)
  const { outTradeNo, pay } = await phone.scan(checkout.page)
  const before = await merchant.orderOn(checkout)
  // What our own questions would find out is another story.
  await shop.wechat.order({ on: 'query', kind: 'http-500', outTradeNo })
  await shop.wechat.order({ on: 'notice', kind: 'drop', outTradeNo, times: 1 })
  await pay()
  const { id } = await shop.wechat.noticeOf(outTradeNo)

  for (const forgery of forgeries[protocol]) {
    await test.step(`${forgery.kind} ${forgery.field ?? ''}`, async () => {
      await shop.wechat.order({ on: 'notice', outTradeNo, times: 1, ...forgery })
      const attempt = await shop.wechat.resend(id)
      expect(attempt).toMatchObject({ acknowledged: false })
      expect(attempt?.status).toBeGreaterThanOrEqual(400)
      expect(attempt?.body).toMatch(replies[protocol].refused)
    })
  }
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', version: before.version, confirming: false, problem: null })
  await checkout.stillWaits()

  expect(await shop.wechat.resend(id)).toMatchObject({ status: replies[protocol].acknowledged, acknowledged: true })
  await checkout.isPaid()
})

for (const { kind, what } of [
  { kind: 'unknown-fields', what: 'with fields that nobody has heard of' },
  { kind: 'shuffled', what: 'with its fields in another order' },
]) {
  test(`R5 an honest notice ${what} is accepted`, async ({ checkout, phone, amount, shop }) => {
    await checkout.open(amount)
    const { outTradeNo, pay } = await phone.scan(checkout.page)
    await shop.wechat.order({ on: 'notice', kind, outTradeNo })
    await pay()
    await checkout.isPaid()
  })
}

for (const by of [-1, 1]) {
  test(`R9 a verified notice over ${by} fen is flagged: the dialog stays and says so, and the order is never paid by it`, async ({
    checkout,
    phone,
    amount,
    merchant,
    shop,
  }) => {
    await checkout.open(amount)
    const { outTradeNo, pay } = await phone.scan(checkout.page)
    await shop.wechat.order({ on: 'notice', kind: 'amount-off', by, outTradeNo })
    await pay()
    await checkout.is('error')
    await expect(checkout.dialog).toContainText('支付金额异常，已通知商家')
    await expect(checkout.dialog).toContainText('请勿再次支付')
    await expect(checkout.qr).toHaveCount(0)
    await expect(checkout.newCode).toHaveCount(0)

    await expect
      .poll(async () => (await shop.wechat.noticeOf(outTradeNo)).state, 'it is stored, so it need not come again')
      .toBe('acknowledged')
    await shop.wechat.advance(2 * day)
    await checkout.page.reload()
    await checkout.is('error')
    await expect(checkout.dialog).toContainText('支付金额异常，已通知商家')
    expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', problem: { code: 'amount_mismatch' } })
  })
}

test('R10 a notice whose answer was lost comes again, and changes nothing any more', async ({
  checkout,
  phone,
  amount,
  merchant,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo, pay } = await phone.scan(checkout.page)
  await shop.wechat.order({ on: 'notice', kind: 'answer-lost', outTradeNo, times: 1 })
  await pay()
  await checkout.isPaid()
  const paid = await merchant.orderOn(checkout)
  await expect.poll(async () => (await shop.wechat.noticeOf(outTradeNo)).attempts).toMatchObject([{ acknowledged: false }])
  await shop.wechat.advance(15_000)
  expect(await shop.wechat.noticeOf(outTradeNo)).toMatchObject({
    state: 'acknowledged',
    attempts: [{ acknowledged: false }, { acknowledged: true }],
  })
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'paid', version: paid.version })
})
