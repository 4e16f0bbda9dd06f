import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { chooseLocale } from '../../i18n.ts'
import { fakeApi } from '../../testing/fakeApi.ts'
import { emptyDocument, openShopperPage, type CurrentServer, type ShopperPage } from '../../testing/shopperPage.ts'
import { h5Action, h5View, paidView, pendingView, statusOf } from '../../testing/views.ts'

const server = vi.hoisted((): CurrentServer => ({ current: null }))
vi.mock('../../api/loadApi.ts', () => ({ loadApi: async () => server.current?.api }))

const phone = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36'

let page: ShopperPage | undefined
/** The links that the browser was asked to follow; it stays where it is. */
let followed: HTMLAnchorElement[]
function stay(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (link && !event.defaultPrevented) followed.push(link)
  event.preventDefault()
}

beforeAll(() => import('../../components/dialog/PaymentDialog.vue'), 60_000)
beforeEach(() => {
  emptyDocument()
  chooseLocale('zh-CN')
  vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue(phone)
  followed = []
  document.addEventListener('click', stay)
})
afterEach(() => {
  page?.close()
  vi.restoreAllMocks()
  document.removeEventListener('click', stay)
})

function open(address = '/'): Promise<ShopperPage> {
  server.current = fakeApi()
  return openShopperPage({ api: server.current, address, tradeTypes: ['native', 'jsapi', 'h5'] })
}

/** From the amount to WeChat's page, by one tap. */
async function goToWechat() {
  page = await open()
  page.openCheckout.mockResolvedValue(h5View)
  await page.type('12.5')
  await page.pay()
  await page.until(() => followed.length > 0)
  return page
}

/** The browser shows this very page again. */
async function comeBack() {
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  await flushPromises()
}

async function openOrder(view = h5View, until = 'have-paid') {
  page = await open(`/pay/${view.token}`)
  page.fetchCheckout.mockResolvedValue(view)
  const { find } = page
  await page.until(() => find(until))
  return page
}

describe("the page in a phone's browser", () => {
  it("goes to WeChat's page by itself, once, and tells it nothing but its origin", async () => {
    const { openCheckout, find, state } = await goToWechat()
    expect(openCheckout).toHaveBeenCalledExactlyOnceWith({ amountFen: 1250, tradeType: 'h5' }, expect.any(String))
    expect(followed).toHaveLength(1)
    expect(followed[0]?.href).toBe(h5Action.url)
    expect(followed[0]?.getAttribute('referrerpolicy')).toBe('origin')
    expect([state(), find('qr')]).toEqual(['waiting', null])
    expect(find('open-wechat')?.textContent.trim()).toBe('打开微信支付') // for a browser that did not go
  })

  it('asks whether they have paid when they are back by the back button, with the focus on the answer', async () => {
    const { state, find, said, dialog } = await goToWechat()
    await comeBack()
    expect(state()).toBe('checking')
    expect([find('have-paid')?.textContent.trim(), find('pay-again')?.textContent.trim()]).toEqual(['已完成支付', '重新支付'])
    expect(document.activeElement).toBe(find('have-paid'))
    expect(said()).toBe('请确认微信支付是否已完成')
    expect(dialog()?.textContent).toContain('请勿重复支付')
  })

  it('asks the same when the page comes to the front again', async () => {
    const { find } = await goToWechat()
    for (const visibility of ['hidden', 'visible'] as const) {
      vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility)
      document.dispatchEvent(new Event('visibilitychange'))
    }
    await flushPromises()
    expect(find('have-paid')).not.toBeNull()
  })

  it('asks the same when WeChat has led back to the address of the order', async () => {
    const { state } = await openOrder()
    expect(state()).toBe('checking')
    expect(followed).toHaveLength(0)
  })

  it('asks the server at once after "I have paid", and believes only the server', async () => {
    const { press, find, state, answerStatus } = await openOrder()
    await press('have-paid')
    expect([state(), find('have-paid')]).toEqual(['checking', null])
    expect(find('show-code')?.textContent.trim()).toBe('还没付款，返回支付')
    answerStatus(statusOf(paidView))
    await flushPromises()
    expect(state()).toBe('paid')
  })

  it('says paid without a question when the money was there before the shopper', async () => {
    page = await open(`/pay/${paidView.token}`)
    page.fetchCheckout.mockResolvedValue(paidView)
    const { state, until, find } = page
    await until(() => state() === 'paid')
    expect(find('have-paid')).toBeNull()
  })

  it('goes to the same page of WeChat again while it can be opened', async () => {
    const { press, startPayment, state } = await openOrder()
    await press('pay-again')
    expect(followed.map(({ href }) => href)).toEqual([h5Action.url])
    expect(startPayment).not.toHaveBeenCalled()
    expect(state()).toBe('waiting')
    await comeBack()
    expect(state()).toBe('checking')
  })

  it('makes a new payment after its five minutes, and goes there', async () => {
    const { press, startPayment } = await openOrder({ ...h5View, remainingMs: 900_000 })
    const later = performance.now() + 300_000
    vi.spyOn(performance, 'now').mockReturnValue(later)
    const action = { ...h5Action, url: `${h5Action.url}4` }
    startPayment.mockResolvedValue({ ...h5View, version: 3, action })
    await press('pay-again')
    expect(startPayment).toHaveBeenCalledExactlyOnceWith(h5View.token, 'h5', expect.any(String))
    await flushPromises()
    expect(followed.map(({ href }) => href)).toEqual([action.url])
  })

  it('can be cancelled from the question', async () => {
    const { press, find } = await openOrder()
    await press('cancel')
    expect(document.activeElement).toBe(find('keep-waiting'))
    await press('keep-waiting')
    expect(find('have-paid')).not.toBeNull()
  })

  it('offers WeChat on this phone for a code that was made elsewhere', async () => {
    const { press, startPayment, find } = await openOrder(pendingView, 'pay-now')
    expect(find('qr')).toBeNull()
    startPayment.mockResolvedValue({ ...h5View, version: 3 })
    await press('pay-now')
    await flushPromises()
    expect(startPayment).toHaveBeenCalledExactlyOnceWith(pendingView.token, 'h5', expect.any(String))
    expect(followed).toHaveLength(1)
  })
})
