import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { chooseLocale } from '../../i18n.ts'
import { fakeApi } from '../../testing/fakeApi.ts'
import { emptyDocument, openShopperPage, type CurrentServer, type ShopperPage } from '../../testing/shopperPage.ts'
import { closedView, paidView, pendingView, statusOf } from '../../testing/views.ts'

const server = vi.hoisted((): CurrentServer => ({ current: null }))
vi.mock('../../api/loadApi.ts', () => ({ loadApi: async () => server.current?.api }))

let page: ShopperPage | undefined

// ant-design-vue is large: what loads once is not part of any test's time.
beforeAll(() => import('../../components/dialog/PaymentDialog.vue'), 60_000)
beforeEach(() => {
  emptyDocument()
  chooseLocale('zh-CN')
})
afterEach(() => page?.close())

function open(address = '/'): Promise<ShopperPage> {
  server.current = fakeApi()
  return openShopperPage({ api: server.current, address })
}

/** A page with a code on it. */
async function openWithCode() {
  page = await open()
  page.openCheckout.mockResolvedValue(pendingView)
  await page.type('12.5')
  await page.pay()
  const { find, until } = page
  await until(() => find('qr'))
  return page
}

describe('the page of a shopper', () => {
  it('keeps the pay button disabled until the amount may be paid', async () => {
    page = await open()
    expect(page.state()).toBe('idle')
    const button = () => page?.find('pay-button')
    expect(button()?.hasAttribute('disabled')).toBe(true)
    await page.type('12.345')
    expect(button()?.hasAttribute('disabled')).toBe(true)
    await page.type('12.34')
    expect(button()?.hasAttribute('disabled')).toBe(false)
    expect(button()?.textContent).toContain('¥12.34')
  })

  it('goes from the amount to the code to paid; the dialog leaves the page at once', async () => {
    const { find, state, dialog, router, answerStatus, openCheckout } = await openWithCode()
    expect(openCheckout).toHaveBeenCalledWith({ amountFen: 1250, tradeType: 'native' }, expect.stringMatching(/^[0-9a-f]{32}$/))
    expect(router.currentRoute.value.fullPath).toBe(`/pay/${pendingView.token}`)
    expect(state()).toBe('waiting')
    expect(dialog()?.dataset['state']).toBe('waiting')
    expect(dialog()?.getAttribute('aria-modal')).toBe('true')
    expect(document.getElementById(dialog()?.getAttribute('aria-labelledby') ?? '')?.textContent).toContain('付款金额 12.50 元')
    expect(find('qr')?.getAttribute('aria-label')).toBe('微信支付付款码，金额 12.50 元，商户 云上咖啡')
    answerStatus(statusOf(paidView))
    await flushPromises()
    expect(dialog()).toBeNull()
    expect(state()).toBe('paid')
    expect(find('paid-amount')?.textContent).toContain('12.50')
    expect(find('receipt-link')?.getAttribute('href')).toBe(`/receipt/${pendingView.token}`)
    expect(document.title).toBe('已收款 ¥12.50')
  })

  it('makes the page behind the dialog unreachable, and reachable again', async () => {
    const { answerStatus } = await openWithCode()
    expect(document.getElementById('app')?.inert).toBe(true)
    answerStatus(statusOf(paidView))
    await flushPromises()
    expect(document.getElementById('app')?.inert).toBe(false)
  })

  it('asks before it cancels, and keeps the amount afterwards, for the next key to replace', async () => {
    const { find, press, state, cancel } = await openWithCode()
    await press('cancel')
    expect(cancel).not.toHaveBeenCalled()
    expect(document.activeElement).toBe(find('keep-waiting'))
    await press('keep-waiting')
    expect(find('confirm-cancel')).toBeNull()
    await press('cancel')
    cancel.mockResolvedValue(closedView)
    await press('confirm-cancel')
    expect(state()).toBe('closed')
    await press('new-payment')
    expect(state()).toBe('idle')
    const field = find('amount-input')
    expect(field).toHaveProperty('value', '12.50')
    expect(document.activeElement).toBe(field)
    expect(field).toMatchObject({ selectionStart: 0, selectionEnd: 5 })
  })

  it('asks on Escape, and keeps waiting on a second one', async () => {
    const { find, dialog } = await openWithCode()
    const escape = () =>
      dialog()?.dispatchEvent(Object.assign(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }), { keyCode: 27 }))
    escape()
    await flushPromises()
    expect(find('keep-waiting')).not.toBeNull()
    escape()
    await flushPromises()
    expect(find('keep-waiting')).toBeNull()
  })

  it('shows no code while it confirms, and offers the code again only when the shopper said "I have paid"', async () => {
    const { find, press, state, answerStatus, fetchCheckout } = await openWithCode()
    await press('i-have-paid')
    expect(state()).toBe('checking')
    expect(find('qr')).toBeNull()
    await press('show-code')
    expect(find('qr')).not.toBeNull()
    const confirming = { ...pendingView, version: 3, confirming: true, action: null }
    fetchCheckout.mockResolvedValue(confirming)
    answerStatus(statusOf(confirming))
    await flushPromises()
    expect(state()).toBe('checking')
    expect([find('qr'), find('show-code')]).toEqual([null, null])
  })

  it('shows a flagged amount in its own words, without a code and without a way to pay again', async () => {
    const { find, answerStatus, fetchCheckout } = await openWithCode()
    const flagged = { ...pendingView, version: 3, action: null, problem: { code: 'amount_mismatch' as const } }
    fetchCheckout.mockResolvedValue(flagged)
    answerStatus(statusOf(flagged))
    await flushPromises()
    expect(find('problem')?.textContent).toContain('支付金额异常，已通知商家')
    expect(find('error-code')?.textContent).toContain('amount_mismatch')
    expect([find('qr'), find('retry'), find('new-code')]).toEqual([null, null, null])
  })

  it('keeps what was typed when the order is refused', async () => {
    page = await open()
    const { ApiError } = await import('../../api/ApiError.ts')
    page.openCheckout.mockRejectedValue(
      new ApiError({ status: 409, code: 'trade_type_not_enabled', requestId: 'req-1', retryAfterMs: null, view: null }),
    )
    await page.type('88')
    await page.pay()
    const { find, until } = page
    await until(() => find('problem'))
    expect(page.state()).toBe('error')
    expect(find('error-code')?.textContent).toContain('req-1')
    await page.press('new-payment')
    expect(page.state()).toBe('idle')
    expect(find('amount-input')).toHaveProperty('value', '88.00')
  })

  it('shows a paid order on a return visit', async () => {
    page = await open(`/pay/${paidView.token}`)
    page.fetchCheckout.mockResolvedValue(paidView)
    const { state, until } = page
    await until(() => state() === 'paid')
    expect(page.dialog()).toBeNull()
  })

  it('switches the language while the dialog is open', async () => {
    const { press, dialog } = await openWithCode()
    expect(dialog()?.querySelector('[data-testid=language]')).not.toBeNull()
    await press('language')
    expect(dialog()?.textContent).toContain('Scan with WeChat')
  })
})
