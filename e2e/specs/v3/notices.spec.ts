import { expect, test } from '../../support/test.ts'

test('R5 in v3, a notice without Wechatpay-Signature-Type is accepted: its absence means the one kind that there is', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo, pay } = await phone.scan(checkout.page)
  const fault = await shop.wechat.order({ on: 'notice', kind: 'missing-header', field: 'Wechatpay-Signature-Type', outTradeNo })
  await pay()
  await checkout.isPaid()
  expect(await shop.wechat.struck(fault)).toBe(1)
})

for (const { kind, what, reason, status } of [
  { kind: 'stale', what: 'a notice that was signed 301 s ago', reason: 'stale', status: 401 },
  { kind: 'corrupted', what: 'a rightly signed notice whose tag has one bit flipped', reason: 'authentic-undecryptable', status: 400 },
]) {
  test(`R5 in v3, ${what} is refused: the order stays unpaid, and the good one that comes then pays it`, async ({
    checkout,
    phone,
    amount,
    merchant,
    shop,
  }) => {
    await checkout.open(amount)
    const { outTradeNo, pay } = await phone.scan(checkout.page)
    const before = await merchant.orderOn(checkout)
    // What our own questions would find out is another story.
    await shop.wechat.order({ on: 'query', kind: 'http-500', outTradeNo })
    await shop.wechat.order({ on: 'notice', kind, outTradeNo, times: 1 })
    await pay()
    await expect.poll(async () => (await shop.wechat.noticeOf(outTradeNo)).attempts).toMatchObject([{ status, acknowledged: false }])
    await expect.poll(() => shop.noticesInLog().at(-1)).toMatchObject({ result: 'refused', reason })
    expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', version: before.version, problem: null })
    await checkout.stillWaits()

    const { id } = await shop.wechat.noticeOf(outTradeNo)
    expect(await shop.wechat.resend(id)).toMatchObject({ status: 204, acknowledged: true })
    await checkout.isPaid()
  })
}
