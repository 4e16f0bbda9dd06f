import { printedCodeOf, productOf } from '../../support/codesPage.ts'
import type { Shop } from '../../support/shop.ts'
import { expect, test } from '../../support/test.ts'
import { serverIsGone } from '../../support/troubles.ts'

const scansOf = (shop: Shop, result: string, reason: string) => shop.count('wechat_scan_seconds_count', { result, reason })

test('a label is printed, a phone reads its pixels, WeChat asks the shop, the payer pays the price, and the order is paid', async ({
  page,
  amount,
  shop,
}) => {
  const product = productOf(amount)
  const { text } = await printedCodeOf(page, product)
  const bill = await shop.wechat.scanProduct(text)
  expect(bill).toMatchObject({ amountFen: amount.fen, description: product.name })
  if (!('prepayId' in bill)) throw new Error('WeChat shows no bill')
  await shop.wechat.payPrepared(bill.prepayId)
  await expect.poll(async () => (await shop.wechat.noticeOf(bill.outTradeNo)).state).toBe('acknowledged')
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ outTradeNo: bill.outTradeNo, state: 'SUCCESS', tradeType: 'NATIVE' }])
  const { output } = await shop.query(bill.outTradeNo)
  expect(output).toContain('"orderStatus": "paid"')
})

test('two payers who scan one label have an order each', async ({ page, amount, shop }) => {
  const { text } = await printedCodeOf(page, productOf(amount))
  const bills = [await shop.wechat.scanProduct(text), await shop.wechat.scanProduct(text)]
  for (const bill of bills) {
    if (!('prepayId' in bill)) throw new Error('WeChat shows no bill')
    await shop.wechat.payPrepared(bill.prepayId)
  }
  const trades = await shop.wechat.tradesOf(amount.fen)
  expect(trades).toMatchObject([{ state: 'SUCCESS' }, { state: 'SUCCESS' }])
  for (const { outTradeNo } of trades) {
    await expect.poll(async () => (await shop.wechat.noticeOf(outTradeNo)).state).toBe('acknowledged')
  }
})

test('the price changes and the label stays: whoever scans it then pays the new price', async ({ page, amount, shop }) => {
  const product = productOf(amount)
  const { codes, text } = await printedCodeOf(page, product)
  const dearer = shop.newAmount()
  await codes.setPrice(product, dearer.yuan)
  expect(await shop.wechat.scanProduct(text)).toMatchObject({ amountFen: dearer.fen })
})

test('a product that is switched off: the payer reads the shop’s own words, and nothing is made', async ({ page, amount, shop }) => {
  const product = productOf(amount)
  const { codes, text } = await printedCodeOf(page, product)
  await codes.add({ ...productOf(shop.newAmount()), name: '另一件' })
  const before = await scansOf(shop, 'declined', 'inactive-product')
  await codes.switchOff(product)
  expect(await shop.wechat.scanProduct(text)).toEqual({ declined: '该商品已下架' })
  expect(await shop.wechat.tradesOf(amount.fen)).toEqual([])
  expect(await scansOf(shop, 'declined', 'inactive-product')).toBe(before + 1)
})

test('a label of a product that is gone: the payer reads that the shop does not know it', async ({ page, amount, shop }) => {
  const product = productOf(amount)
  const { codes, text } = await printedCodeOf(page, product)
  await codes.add(productOf(shop.newAmount()))
  await shop.asOperator('DELETE', `/v1/products/${product.id}`)
  expect(await shop.wechat.scanProduct(text)).toEqual({ declined: '没有找到该商品，请联系商家' })
})

test('a shop that takes no scans any more says so to whoever scans an old label', async ({ page, amount, shop, troubles }) => {
  troubles.expect(serverIsGone)
  const { text } = await printedCodeOf(page, productOf(amount))
  await shop.restartApi({ WXPAY_SCAN: 'off' })
  expect(await shop.wechat.scanProduct(text)).toEqual({ declined: '商家暂未营业，请稍后再试' })
})
