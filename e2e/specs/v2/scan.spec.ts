import { CodesPage, type Product } from '../../support/codesPage.ts'
import { readQr } from '../../support/qr.ts'
import { operatorToken, type Amount, type Shop } from '../../support/shop.ts'
import { expect, test, type Page } from '../../support/test.ts'

/** One of its own for each test, so that a test's trades are told from all others. */
const productOf = ({ fen, yuan }: Amount): Product => ({ id: `mug-${fen}`, name: `马克杯 ${fen}`, yuan })

/** The operator prints a label, and the phone photographs it. @returns the page, and what the pixels say */
async function printedCodeOf(page: Page, product: Product): Promise<{ codes: CodesPage; text: string }> {
  const codes = new CodesPage(page)
  await codes.unlock(operatorToken)
  await codes.add(product)
  const text = await readQr(await codes.print(product))
  if (text === null) throw new Error('no phone can read the printed code')
  await page.emulateMedia({ media: 'screen' })
  return { codes, text }
}

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
