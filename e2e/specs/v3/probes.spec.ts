import { expect, test } from '../../support/test.ts'

/** WeChat's first repeat of a notice that was not acknowledged. */
const firstRepeatMs = 15_000

test('R8 in v3, WeChat’s probe is refused calmly: no alarm, the page waits on, and the good notice after it closes the dialog', async ({
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
  const probes = await shop.count('wechat_notices_total', { result: 'refused', reason: 'probe' })
  const anomalies = await shop.count('payment_anomalies_total')
  const said = shop.api.lines.length
  await shop.wechat.order({ on: 'notice', kind: 'signtest', outTradeNo, times: 1 })
  await pay()
  await expect.poll(async () => (await shop.wechat.noticeOf(outTradeNo)).attempts).toMatchObject([{ status: 401, acknowledged: false }])
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', version: before.version, problem: null })
  await checkout.stillWaits()

  await shop.wechat.advance(firstRepeatMs)
  await checkout.isPaid()
  expect(await shop.wechat.noticeOf(outTradeNo)).toMatchObject({ state: 'acknowledged', attempts: [{}, { status: 204 }] })
  expect(await shop.count('wechat_notices_total', { result: 'refused', reason: 'probe' })).toBe(probes + 1)
  expect(await shop.count('payment_anomalies_total')).toBe(anomalies)
  await expect.poll(() => shop.noticesInLog().slice(-2)).toMatchObject([{ reason: 'probe' }, { result: 'accepted' }])
  expect(
    shop.api.lines.slice(said).filter((line) => /"level":"(error|fatal)"/.test(line)),
    'nobody is woken',
  ).toEqual([])
})

test('R8 in v3, WeChat’s probe on the answer to our order: it is asked once more, and the code is shown', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  const fault = await shop.wechat.order({ on: 'create', kind: 'signtest', times: 1 })
  await checkout.open(amount)
  expect(await shop.wechat.struck(fault)).toBe(1)
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS' }])
})

test('R8 in v3, WeChat’s probe on the answer to our close: the cancel succeeds, and nothing was charged', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo } = await phone.scan(checkout.page)
  const fault = await shop.wechat.order({ on: 'close', kind: 'signtest', outTradeNo, times: 1 })
  await checkout.cancel.click()
  await checkout.confirmCancel.click()
  await checkout.is('closed')
  expect(await shop.wechat.struck(fault)).toBe(1)
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'CLOSED' }])
})
