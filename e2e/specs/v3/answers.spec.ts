import { waitOnUntilAnHonestAnswer } from '../../support/dishonestAnswers.ts'
import { expect, test } from '../../support/test.ts'

test.use({ settings: { WXPAY_PAID_BY: 'notice-or-query' } })
/** In one worker, whose API is started anew once for all of them. */
test.describe.configure({ mode: 'default' })

test('R4 in v3, an answer to our question that is 301 s old, under a serial that nobody has heard of, or a probe again and again, says nothing: the page waits on, until an honest one comes', async ({
  openTab,
  phone,
  shop,
}) => {
  await waitOnUntilAnHonestAnswer(['stale', 'unknown-serial', 'signtest'], { openTab, phone, shop })
})

test('R8 in v3, WeChat’s probe on the answer to our question is asked again at once, and the answer pays', async ({
  checkout,
  phone,
  amount,
  shop,
}) => {
  await checkout.open(amount)
  const { outTradeNo, pay } = await phone.scan(checkout.page)
  await shop.wechat.order({ on: 'notice', kind: 'drop', outTradeNo })
  await pay()
  const before = await shop.count('wechat_calls_total', { call: 'query', outcome: 'unknown' })
  const fault = await shop.wechat.order({ on: 'query', kind: 'signtest', outTradeNo, times: 1 })
  await checkout.isPaid()
  expect(await shop.wechat.struck(fault)).toBe(1)
  expect(await shop.count('wechat_calls_total', { call: 'query', outcome: 'unknown' })).toBe(before)
})
