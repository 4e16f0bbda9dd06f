import { printedCodeOf, productOf } from '../../support/codesPage.ts'
import { expect, test } from '../../support/test.ts'

test('a shop of protocol v3 sells by printed codes too, which are of v2: its order is paid by a notice of v2', async ({
  page,
  amount,
  shop,
}) => {
  const { text } = await printedCodeOf(page, productOf(amount))
  const bill = await shop.wechat.scanProduct(text)
  if (!('prepayId' in bill)) throw new Error('WeChat shows no bill')
  await shop.wechat.payPrepared(bill.prepayId)
  await expect.poll(async () => (await shop.wechat.noticeOf(bill.outTradeNo)).state).toBe('acknowledged')
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS', protocol: 'v2' }])
  await expect.poll(() => shop.noticesOf(bill.outTradeNo)).toMatchObject([{ result: 'accepted', protocol: 'v2' }])
})
