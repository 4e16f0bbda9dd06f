import { insideWechat } from '../../support/devices.ts'
import type { Shop } from '../../support/shop.ts'
import { expect, test, type Page } from '../../support/test.ts'

test.use(insideWechat)

/** The page that says so, whatever was wrong with a callback. */
async function expectRefused(page: Page): Promise<void> {
  await expect(page.getByRole('alert')).toHaveText('本次微信授权已失效，请重试。未产生扣款。')
  expect(await isKnown(page), 'nobody has become a payer').toBe(false)
}

async function isKnown(page: Page): Promise<boolean> {
  return (await page.context().cookies()).some(({ name }) => name === 'wxpay_payer')
}

/** Goes to WeChat and stops before the way back. @returns the address of that way */
async function callbackFor(page: Page, { url }: Shop, returnPath = '/'): Promise<URL> {
  const { request } = page.context()
  const begun = await request.get(`${url}/wechat/oauth/start?return=${encodeURIComponent(returnPath)}`, { maxRedirects: 0 })
  const answered = await request.get(begun.headers()['location'] ?? '', { maxRedirects: 0 })
  return new URL(answered.headers()['location'] ?? '')
}

const refusals = (shop: Shop, reason: string) =>
  shop.count('wechat_account_requests_total', { kind: 'authorisation', result: 'refused', reason })

test('a forged state is refused in plain words, nothing is stored, and the way to try again works', async ({
  checkout,
  wechatClient,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 400/)
  const { page } = checkout
  const before = await refusals(shop, 'unknown')
  await page.goto(`/wechat/oauth/callback?code=0123456789abcdef0123456789abcdef&state=${'Forged'.repeat(7)}`)
  await expectRefused(page)
  expect(await refusals(shop, 'unknown')).toBe(before + 1)

  await page.getByRole('link', { name: '重试' }).click()
  await checkout.is('idle')
  expect(await isKnown(page)).toBe(true)
  await checkout.ask(amount)
  await wechatClient.choose('ok')
  await checkout.isPaid()
})

test('a callback that somebody sends to another browser makes nobody a payer there, and still works in its own', async ({
  checkout,
  openBrowser,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 400/)
  const callback = await callbackFor(checkout.page, shop)
  const other = await openBrowser(insideWechat)
  await other.page.goto(callback.href)
  await expectRefused(other.page)

  await checkout.page.goto(callback.href)
  await checkout.is('idle')
  expect(await isKnown(checkout.page)).toBe(true)
})

test('a code that was used makes nobody a payer again, under a new state of the same browser', async ({ checkout, shop, troubles }) => {
  troubles.expect(/status of 400/)
  const { page } = checkout
  const used = await callbackFor(page, shop)
  await page.goto(used.href)
  await checkout.is('idle')
  await page.context().clearCookies({ name: 'wxpay_payer' })

  const fresh = await callbackFor(page, shop)
  fresh.searchParams.set('code', used.searchParams.get('code') ?? '')
  await page.goto(fresh.href)
  await expectRefused(page)
})

test('a state that was used takes no other code', async ({ checkout, shop, troubles }) => {
  troubles.expect(/status of 400/)
  const { page } = checkout
  const used = await callbackFor(page, shop)
  await page.goto(used.href)
  await checkout.is('idle')
  await page.context().clearCookies({ name: 'wxpay_payer' })

  const fresh = await callbackFor(page, shop)
  used.searchParams.set('code', fresh.searchParams.get('code') ?? '')
  await page.goto(used.href)
  await expectRefused(page)
})

for (const [twice, how] of [
  ['1', 'one after the other'],
  ['at-once', 'at the same instant'],
] as const) {
  test(`WeChat’s client calls the callback twice, ${how}: the payer notices nothing, and pays`, async ({
    checkout,
    wechatClient,
    amount,
    shop,
    troubles,
  }) => {
    // The first one is a script's of the mock, which may not read our page.
    troubles.expect(/ERR_BLOCKED_BY_RESPONSE\.NotSameOrigin/)
    await checkout.page.context().addCookies([{ name: 'mock_twice', value: twice, url: shop.wechat.url }])
    const callbacks: string[] = []
    checkout.page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/wechat/oauth/callback') callbacks.push(request.url())
    })
    await checkout.goto()
    await checkout.is('idle')
    expect(callbacks).toEqual([callbacks[0], callbacks[0]])
    expect(await isKnown(checkout.page)).toBe(true)
    await checkout.ask(amount)
    await wechatClient.choose('ok')
    await checkout.isPaid()
  })
}

test('the visitor of a snapshot page is nobody: the page says how to become somebody', async ({ checkout, shop, troubles }) => {
  troubles.expect(/status of 403/)
  const { page } = checkout
  await page.context().addCookies([{ name: 'mock_snapshot', value: '1', url: shop.wechat.url }])
  await page.goto('/')
  await expect(page.getByRole('alert')).toContainText('使用完整服务')
  expect(await isKnown(page)).toBe(false)
})

test('a payer who is not known any more when they pay is sent to WeChat, and the same order goes on', async ({
  checkout,
  wechatClient,
  amount,
  shop,
  troubles,
}) => {
  troubles.expect(/status of 401/)
  await checkout.goto()
  await checkout.amount.fill(amount.yuan)
  await checkout.page.context().clearCookies({ name: 'wxpay_payer' })
  await checkout.payButton.click()
  await checkout.payNow.click()
  await wechatClient.choose('ok')
  await checkout.isPaid()
  expect(await shop.wechat.tradesOf(amount.fen)).toMatchObject([{ state: 'SUCCESS', tradeType: 'JSAPI' }])
})
