import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { chooseLocale } from '../../i18n.ts'
import { fakeApi } from '../../testing/fakeApi.ts'
import { emptyDocument, openShopperPage, type CurrentServer, type ShopperPage } from '../../testing/shopperPage.ts'
import { jsapiAction, jsapiView, paidView, pendingView, statusOf } from '../../testing/views.ts'

const server = vi.hoisted((): CurrentServer => ({ current: null }))
vi.mock('../../api/loadApi.ts', () => ({ loadApi: async () => server.current?.api }))

const wechat = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50'

let page: ShopperPage | undefined
/** What the bridge was asked to open, and how a test answers it. */
let sheet: { parameters: object; answer(message: string, description?: string): Promise<void> }[]

beforeAll(() => import('../../components/dialog/PaymentDialog.vue'), 60_000)
beforeEach(() => {
  emptyDocument()
  chooseLocale('zh-CN')
  vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue(wechat)
  sheet = []
  Reflect.set(window, 'WeixinJSBridge', {
    invoke(name: string, parameters: object, callback: (answer: object) => void) {
      sheet.push({
        parameters: { name, ...parameters },
        async answer(message, description) {
          callback({ err_msg: `get_brand_wcpay_request:${message}`, err_desc: description })
          await flushPromises()
        },
      })
    },
  })
})
afterEach(() => {
  page?.close()
  vi.restoreAllMocks()
  Reflect.deleteProperty(window, 'WeixinJSBridge')
})

function open(address = '/'): Promise<ShopperPage> {
  server.current = fakeApi()
  return openShopperPage({ api: server.current, address, tradeTypes: ['native', 'jsapi', 'h5'] })
}

/** From the amount to WeChat's sheet, by one tap. */
async function openSheet() {
  page = await open()
  page.openCheckout.mockResolvedValue(jsapiView)
  await page.type('12.5')
  await page.pay()
  await page.until(() => sheet.length > 0)
  return page
}

/** An order that was opened by its link. */
async function openOrder(view = pendingView) {
  page = await open(`/pay/${view.token}`)
  page.fetchCheckout.mockResolvedValue(view)
  const { find, until } = page
  await until(() => find('pay-now'))
  return page
}

/** The server answers that nothing has changed. */
async function nothingNew({ answerStatus }: ShopperPage) {
  answerStatus(statusOf(jsapiView))
  await flushPromises()
}

describe('the page inside WeChat', () => {
  it('opens the sheet by itself, once, with the six values as they came', async () => {
    const { openCheckout, state, find, said } = await openSheet()
    expect(openCheckout).toHaveBeenCalledExactlyOnceWith({ amountFen: 1250, tradeType: 'jsapi' }, expect.any(String))
    expect(sheet.map(({ parameters }) => parameters)).toEqual([{ name: 'getBrandWCPayRequest', ...jsapiAction.invoke }])
    expect(state()).toBe('waiting')
    expect([find('qr'), find('pay-now')]).toEqual([null, null])
    expect(said()).toBe('请在微信的支付窗口中付款')
  })

  it('takes "ok" for nothing but a reason to ask: it checks until the server says paid', async () => {
    const { state, find, answerStatus } = await openSheet()
    await sheet[0]?.answer('ok')
    expect(state()).toBe('checking')
    expect([find('pay-now'), find('show-code')]).toEqual([null, null])
    answerStatus(statusOf(paidView))
    await flushPromises()
    expect(state()).toBe('paid')
  })

  it('offers the same payment again after a cancel, and opens one sheet for two taps', async () => {
    const opened = await openSheet()
    const { find, state, said, startPayment } = opened
    await sheet[0]?.answer('cancel')
    expect([state(), find('pay-now')]).toEqual(['checking', null])
    await nothingNew(opened)
    expect(state()).toBe('waiting')
    expect(said()).toBe('您已取消，尚未付款')
    const button = find('pay-now')
    button?.click()
    button?.click()
    await flushPromises()
    expect(sheet).toHaveLength(2)
    expect(sheet[1]?.parameters).toEqual(sheet[0]?.parameters)
    expect(startPayment).not.toHaveBeenCalled()
  })

  it("shows WeChat's own words after a failure, and asks for a new payment after the second", async () => {
    const opened = await openSheet()
    const { dialog, press, startPayment } = opened
    await sheet[0]?.answer('fail', '支付验证签名失败')
    await nothingNew(opened)
    expect(dialog()?.textContent).toContain('微信提示：支付验证签名失败')
    await press('pay-now')
    await sheet[1]?.answer('fail')
    await nothingNew(opened)
    const invoke = { ...jsapiAction.invoke, paySign: 'sign-2' }
    startPayment.mockResolvedValue({ ...jsapiView, version: 3, action: { tradeType: 'jsapi', invoke } })
    await press('pay-now')
    expect(startPayment).toHaveBeenCalledExactlyOnceWith(jsapiView.token, 'jsapi', expect.any(String))
    expect(sheet[2]?.parameters).toMatchObject({ paySign: 'sign-2' })
  })

  it('pays by a code instead, when the shopper wants that', async () => {
    const opened = await openSheet()
    const { press, find, dialog, startPayment } = opened
    await sheet[0]?.answer('cancel')
    await nothingNew(opened)
    startPayment.mockResolvedValue({ ...pendingView, version: 3 })
    await press('pay-by-code')
    expect(startPayment).toHaveBeenCalledExactlyOnceWith(jsapiView.token, 'native', expect.any(String))
    expect(find('qr')).not.toBeNull()
    expect(dialog()?.textContent).toContain('您正在微信中，请用另一部手机的微信扫描此码')
  })

  it('offers to pay here an order that was made elsewhere; only a tap replaces its code', async () => {
    const { find, press, startPayment } = await openOrder()
    expect([find('qr'), find('pay-by-code')?.textContent.trim()]).toEqual([null, '改用另一台手机扫码'])
    expect(startPayment).not.toHaveBeenCalled()
    startPayment.mockResolvedValue({ ...jsapiView, version: 3 })
    await press('pay-now')
    expect(startPayment).toHaveBeenCalledExactlyOnceWith(pendingView.token, 'jsapi', expect.any(String))
    expect(sheet).toHaveLength(1)
  })

  it('shows the code of such an order, without another payment, to who wants to scan it', async () => {
    const { find, press, startPayment } = await openOrder()
    await press('pay-by-code')
    expect(find('qr')).not.toBeNull()
    expect(startPayment).not.toHaveBeenCalled()
  })

  it('waits for a tap when the page was loaded with the payment: no sheet comes unasked', async () => {
    const { press } = await openOrder(jsapiView)
    expect(sheet).toHaveLength(0)
    await press('pay-now')
    expect(sheet).toHaveLength(1)
  })

  it('says so when WeChat does not put its bridge in, and tries again on a tap', async () => {
    const invoke: unknown = Reflect.get(window, 'WeixinJSBridge')
    Reflect.deleteProperty(window, 'WeixinJSBridge')
    const { find, press, dialog, until } = await openOrder(jsapiView)
    await press('pay-now')
    // The event of a bridge that is none: waiting is over at once.
    document.dispatchEvent(new Event('WeixinJSBridgeReady'))
    await until(() => find('pay-now'))
    expect(dialog()?.textContent).toContain('微信的支付功能没有响应')
    Reflect.set(window, 'WeixinJSBridge', invoke)
    await press('pay-now')
    expect(sheet).toHaveLength(1)
  })

  it('keeps the focus in the dialog when the tapped button is gone', async () => {
    const { press, dialog } = await openOrder(jsapiView)
    await press('pay-now')
    expect(dialog()?.contains(document.activeElement)).toBe(true)
  })
})
