import { desktop, insideWechat } from '../support/devices.ts'
import type { Amount, Shop } from '../support/shop.ts'
import { expect, test } from '../support/test.ts'

test.use(insideWechat)

test('a payer inside WeChat is sent to WeChat once to be known, and pays on its sheet without any code', async ({
  checkout,
  wechatClient,
  amount,
  merchant,
  shop,
}) => {
  const { page } = checkout
  const authorisations: string[] = []
  page.on('request', (request) => {
    if (request.url().startsWith(`${shop.wechat.url}/connect/oauth2/authorize?`)) authorisations.push(request.url())
  })
  await checkout.goto()
  // Browsers carry the fragment of WeChat's address along.
  await expect(page, 'neither code nor state stays in the address, nor WeChat’s fragment').toHaveURL((url) => url.href === `${shop.url}/`)
  expect(authorisations).toHaveLength(1)
  const cookies = await page.context().cookies(shop.url)
  expect(cookies.find(({ name }) => name === 'wxpay_payer')).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })

  await checkout.ask(amount)
  await expect(wechatClient.sheet).toContainText(`¥${amount.yuan}`)
  await expect(checkout.qr).toHaveCount(0)
  await wechatClient.choose('ok')
  await checkout.isPaid()
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'paid', tradeType: 'jsapi' })
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS', tradeType: 'JSAPI' }])

  await checkout.goto()
  expect(authorisations, 'who is known is not asked again').toHaveLength(1)
})

test('the sheet says ok and the notice is late: the page asks not to pay again, and says paid only when the notice is here', async ({
  checkout,
  wechatClient,
  amount,
  merchant,
  shop,
}) => {
  await checkout.goto()
  await checkout.ask(amount)
  await wechatClient.choose('ok-without-notice')
  await checkout.is('checking')
  await expect(checkout.dialog).toContainText('请勿重复支付')
  await expect(checkout.payNow).toHaveCount(0)
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid' })
  await shop.wechat.behave()
  await shop.wechat.advance(15_000)
  await checkout.isPaid()
})

test('a payer closes the sheet, chooses to pay again, and pays: one trade', async ({ checkout, wechatClient, amount, shop }) => {
  await checkout.goto()
  await checkout.ask(amount)
  await wechatClient.choose('cancel')
  await expect(checkout.dialog).toContainText('您已取消，尚未付款')
  await checkout.is('waiting')
  await expect(checkout.said).toHaveText('您已取消，尚未付款')
  await expect(wechatClient.sheet, 'no sheet comes unasked').toHaveCount(0)
  await checkout.payAgain.click()
  await wechatClient.choose('ok')
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS' }])
})

test('the sheet says that it failed although the money moved: the notice decides, and the page says paid', async ({
  checkout,
  wechatClient,
  amount,
  shop,
}) => {
  await checkout.goto()
  await checkout.ask(amount)
  await wechatClient.choose('fail-although-paid')
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS' }])
})

test('a payer who cannot use the sheet pays the same order by a code from another phone; the old attempt is closed', async ({
  checkout,
  wechatClient,
  phone,
  amount,
  shop,
}) => {
  await checkout.goto()
  await checkout.ask(amount)
  await wechatClient.choose('cancel')
  await checkout.payByCode.click()
  await expect(checkout.dialog).toContainText('您正在微信中，请用另一部手机的微信扫描此码')
  await (await phone.scan(checkout.page)).pay()
  await checkout.isPaid()
  expect(await statesOf(shop, amount)).toEqual(['JSAPI CLOSED', 'NATIVE SUCCESS'])
})

test('an order begun as a code on a desktop is finished inside WeChat: the old attempt is closed, one is paid, both pages say so', async ({
  checkout,
  wechatClient,
  openBrowser,
  phone,
  amount,
  shop,
}) => {
  const till = await openBrowser(desktop)
  await till.open(amount)
  const bill = await phone.scan(till.page)
  await checkout.goto(till.path)
  expect(checkout.path, 'WeChat leads back to the order').toBe(till.path)
  await expect(checkout.dialog).toContainText('可以直接用这台手机付款')
  await till.stillWaits()
  await checkout.payNow.click()
  await expect(wechatClient.sheet).toBeVisible()
  await expect(till.dialog, 'the till is told that the payment is made elsewhere').toContainText('这笔订单正在另一台设备上支付')
  await wechatClient.choose('ok')
  await checkout.isPaid()
  await till.isPaid()
  await expect(bill.pay()).rejects.toMatchObject({ code: 'closed' })
  expect(await statesOf(shop, amount)).toEqual(['JSAPI SUCCESS', 'NATIVE CLOSED'])
})

test('the money of the desktop’s code comes after all: both are paid, the second is flagged, and the page says what happens with it', async ({
  checkout,
  wechatClient,
  openBrowser,
  phone,
  amount,
  merchant,
  shop,
}) => {
  const till = await openBrowser(desktop)
  await till.open(amount)
  const { outTradeNo } = await phone.scan(till.page)
  await checkout.goto(till.path)
  await checkout.payNow.click()
  await wechatClient.choose('ok')
  await checkout.isPaid()

  await shop.wechat.payLate(outTradeNo)
  await expect.poll(async () => (await shop.wechat.noticeOf(outTradeNo)).state).toBe('acknowledged')
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'paid', problem: { code: 'paid_twice' } })
  await checkout.page.reload()
  await checkout.isPaid()
  await expect(checkout.main).toContainText(/检测到重复付款，多付部分[将已]原路退回/)
})

/** Of one order's attempts, in the order of the alphabet. */
async function statesOf(shop: Shop, { fen }: Amount): Promise<string[]> {
  return (await shop.wechat.tradesOf(fen)).map(({ tradeType, state }) => `${tradeType} ${state}`).toSorted()
}
