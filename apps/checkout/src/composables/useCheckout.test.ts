import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { toFen } from 'wxpay-core/money'
import { ApiError, type ApiErrorDetails } from '../api/ApiError.ts'
import { pendingRequests } from '../checkout/pendingRequests.ts'
import { randomKey } from '../support/randomKey.ts'
import { memoryOf } from '../support/storage.ts'
import { fakeApi } from '../testing/fakeApi.ts'
import { closedView, paidView, pendingView, statusOf } from '../testing/views.ts'
import { useCheckout } from './useCheckout.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const newTab = () =>
  memoryOf(() => {
    throw new Error('storage is off')
  })

/** A page load in a tab, with a server that answers as told. */
function loadPage(tab = newTab()) {
  const server = fakeApi()
  const onOpened = vi.fn()
  const scope = effectScope()
  const checkout = scope.run(() => useCheckout({ loadApi: async () => server.api, pending: pendingRequests(tab, randomKey), onOpened }))
  if (!checkout) throw new Error('no scope')
  return { ...server, checkout, onOpened, close: () => scope.stop(), display: () => checkout.state.value.display }
}

const refusal = (details: Partial<ApiErrorDetails>) =>
  new ApiError({ status: null, code: 'no_answer', requestId: null, retryAfterMs: null, view: null, ...details })
const amount = toFen(1250)
const key = (call: unknown[] | undefined) => call?.at(-1)

describe('paying an amount', () => {
  it('opens a checkout, takes its address, shows the code, and closes when it is paid', async () => {
    const page = loadPage()
    page.openCheckout.mockResolvedValue(pendingView)
    page.checkout.open(amount)
    expect(page.display()).toBe('creating')
    await flushPromises()
    expect(page.display()).toBe('waiting')
    expect(page.onOpened).toHaveBeenCalledWith(pendingView.token)
    expect(page.fetchStatus).toHaveBeenCalledWith(pendingView.token, expect.objectContaining({ version: 2, waitSeconds: 20 }))
    page.answerStatus(statusOf(paidView))
    await flushPromises()
    expect(page.display()).toBe('paid')
    await vi.advanceTimersByTimeAsync(120_000)
    expect(page.fetchStatus).toHaveBeenCalledOnce()
  })

  it('makes one order of twenty presses', async () => {
    const page = loadPage()
    page.openCheckout.mockResolvedValue(pendingView)
    for (let press = 0; press < 20; press++) page.checkout.open(amount)
    await flushPromises()
    expect(page.openCheckout).toHaveBeenCalledOnce()
  })

  it('repeats the same request with the same key while there is no answer', async () => {
    const page = loadPage()
    page.openCheckout
      .mockRejectedValueOnce(refusal({}))
      .mockRejectedValueOnce(refusal({ status: 503 }))
      .mockResolvedValue(pendingView)
    page.checkout.open(amount)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(page.display()).toBe('waiting')
    expect(new Set(page.openCheckout.mock.calls.map(key)).size).toBe(1)
    expect(page.openCheckout).toHaveBeenCalledTimes(3)
  })

  it('says so while WeChat or the shop is busy', async () => {
    const page = loadPage()
    page.openCheckout.mockRejectedValueOnce(refusal({ status: 429, code: 'too_many_requests', retryAfterMs: 9_000 }))
    page.checkout.open(amount)
    await flushPromises()
    expect(page.checkout.state.value).toMatchObject({ display: 'creating', trouble: 'busy' })
  })

  it('repeats it with the same key after a reload in the middle', async () => {
    const tab = newTab()
    const before = loadPage(tab)
    before.openCheckout.mockReturnValue(new Promise(() => undefined))
    before.checkout.open(amount)
    await flushPromises()
    before.close()
    const after = loadPage(tab)
    after.openCheckout.mockResolvedValue(pendingView)
    expect(after.checkout.resumeOpening()).toBe(1250)
    await flushPromises()
    expect(key(after.openCheckout.mock.calls[0])).toBe(key(before.openCheckout.mock.calls[0]))
    expect(after.openCheckout).toHaveBeenCalledWith({ amountFen: 1250 }, expect.any(String))
    expect(loadPage(tab).checkout.resumeOpening()).toBeNull()
  })

  it('keeps the key for the retry button when patience is over, and takes a new one for another amount', async () => {
    const page = loadPage()
    page.openCheckout.mockRejectedValue(refusal({ status: 503, code: 'service_unavailable', requestId: 'r-9' }))
    page.checkout.open(amount)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(page.checkout.state.value).toMatchObject({
      display: 'error',
      failure: { code: 'service_unavailable', requestId: 'r-9', mayRetry: true },
    })
    page.openCheckout.mockClear().mockResolvedValue(pendingView)
    page.checkout.open(amount)
    await flushPromises()
    expect(page.display()).toBe('waiting')
  })

  it('is refused for good at once, and begins with a new key', async () => {
    const page = loadPage()
    page.openCheckout.mockRejectedValueOnce(refusal({ status: 409, code: 'trade_type_not_enabled' }))
    page.checkout.open(amount)
    await flushPromises()
    expect(page.display()).toBe('error')
    page.openCheckout.mockResolvedValue(pendingView)
    page.checkout.open(amount)
    await flushPromises()
    const keys = page.openCheckout.mock.calls.map(key)
    expect(keys[0]).not.toBe(keys[1])
  })

  it('forgets what comes after the shopper has left', async () => {
    const page = loadPage()
    let answer: (view: typeof pendingView) => void = () => undefined
    page.openCheckout.mockReturnValue(new Promise((resolve) => (answer = resolve)))
    page.checkout.open(amount)
    await flushPromises()
    page.checkout.leave()
    answer(pendingView)
    await flushPromises()
    expect(page.display()).toBe('idle')
    expect(page.onOpened).not.toHaveBeenCalled()
  })
})

describe('an order made elsewhere, or a return visit', () => {
  it('is looked up and shown as it is', async () => {
    const page = loadPage()
    page.fetchCheckout.mockResolvedValue(paidView)
    page.checkout.follow(paidView.token)
    expect(page.display()).toBe('checking')
    await flushPromises()
    expect(page.display()).toBe('paid')
    expect(page.fetchStatus).not.toHaveBeenCalled()
  })

  it('is an error when nobody knows the token, and is not asked for again', async () => {
    const page = loadPage()
    page.fetchCheckout.mockRejectedValue(refusal({ status: 404, code: 'checkout_not_found' }))
    page.checkout.follow('b'.repeat(22))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(page.checkout.state.value).toMatchObject({ display: 'error', failure: { code: 'checkout_not_found', mayRetry: false } })
    expect(page.fetchCheckout).toHaveBeenCalledOnce()
  })

  it('is asked for until the server answers', async () => {
    const page = loadPage()
    page.fetchCheckout.mockRejectedValueOnce(refusal({})).mockRejectedValueOnce(refusal({})).mockResolvedValue(pendingView)
    page.checkout.follow(pendingView.token)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(page.display()).toBe('waiting')
  })
})

/** A page with a code on it. */
async function waitingPage(tab = newTab(), view = pendingView) {
  const page = loadPage(tab)
  page.fetchCheckout.mockResolvedValueOnce(view)
  page.checkout.follow(pendingView.token)
  await flushPromises()
  return page
}

describe('while waiting', () => {
  it('fetches the whole view when the version rises and the order is unpaid', async () => {
    const page = await waitingPage()
    const renewed = { ...pendingView, version: 3, action: { tradeType: 'native' as const, codeUrl: 'weixin://new' } }
    page.fetchCheckout.mockResolvedValueOnce(renewed)
    page.answerStatus(statusOf(renewed))
    await flushPromises()
    expect(page.checkout.state.value.view?.action).toEqual(renewed.action)
    expect(page.fetchStatus.mock.lastCall?.[1]).toMatchObject({ version: 3 })
  })

  it('goes to checking when the countdown is over, and to expired when the server has closed it', async () => {
    const page = await waitingPage()
    await vi.advanceTimersByTimeAsync(300_000)
    expect(page.display()).toBe('checking')
    const closed = { ...pendingView, version: 3, attempt: 'closed' as const, action: null, remainingMs: null }
    page.fetchCheckout.mockResolvedValue(closed)
    window.dispatchEvent(new Event('focus')) // the server of this test was silent all the while: ask now, whatever the pause
    await flushPromises()
    page.answerStatus(statusOf(closed))
    await flushPromises()
    expect(page.display()).toBe('expired')
  })

  it('gets a new code with a fresh key, the same one until it is answered', async () => {
    const page = await waitingPage()
    page.startPayment.mockRejectedValueOnce(refusal({})).mockResolvedValueOnce({ ...pendingView, version: 3 })
    page.checkout.renew()
    expect(page.display()).toBe('creating')
    await vi.advanceTimersByTimeAsync(1_500)
    expect(page.display()).toBe('waiting')
    page.startPayment.mockResolvedValueOnce({ ...pendingView, version: 4 })
    page.checkout.renew()
    await flushPromises()
    const keys = page.startPayment.mock.calls.map(key)
    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).not.toBe(keys[0])
  })

  it('asks for the same new code again after a reload in the middle', async () => {
    const tab = newTab()
    const before = await waitingPage(tab)
    before.startPayment.mockReturnValue(new Promise(() => undefined))
    before.checkout.renew()
    await flushPromises()
    before.close()
    const after = await waitingPage(tab)
    after.startPayment.mockResolvedValue({ ...pendingView, version: 3 })
    await flushPromises()
    expect(key(after.startPayment.mock.calls[0])).toBe(key(before.startPayment.mock.calls[0]))
  })

  it('is checking when the old code is still being closed', async () => {
    const page = await waitingPage()
    page.startPayment.mockResolvedValue({ ...pendingView, version: 3, attempt: 'closing', action: null, remainingMs: null })
    page.checkout.renew()
    await flushPromises()
    expect(page.display()).toBe('checking')
  })

  it('shows what a 409 says: paid at the very moment of a refresh', async () => {
    const page = await waitingPage()
    page.startPayment.mockRejectedValue(refusal({ status: 409, code: 'order_not_payable', view: paidView }))
    page.checkout.renew()
    await flushPromises()
    expect(page.display()).toBe('paid')
  })

  it('gets more time', async () => {
    const page = await waitingPage(newTab(), { ...pendingView, remainingMs: 61_000 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(page.display()).toBe('expiring')
    page.extend.mockResolvedValue({ ...pendingView, version: 3 })
    page.checkout.extend()
    await flushPromises()
    expect(page.display()).toBe('waiting')
  })

  it('offers a new code when there is no more time to get', async () => {
    const page = await waitingPage()
    page.extend.mockRejectedValue(refusal({ status: 409, code: 'order_not_extendable', view: pendingView }))
    page.checkout.extend()
    await flushPromises()
    expect(page.checkout.state.value).toMatchObject({ display: 'waiting', extendable: false, failure: null })
  })

  it.each([
    ['closed', { ...closedView }, 'closed'],
    ['closing, the answer is not known yet', { ...pendingView, version: 3, attempt: 'closing' as const }, 'checking'],
  ])('cancels: %s', async (_what, answer, display) => {
    const page = await waitingPage()
    page.cancel.mockResolvedValue(answer)
    page.checkout.cancel()
    await flushPromises()
    expect(page.display()).toBe(display)
  })

  it('does not cancel what WeChat says is paid', async () => {
    const page = await waitingPage()
    page.cancel.mockRejectedValue(
      refusal({ status: 409, code: 'order_not_cancellable', view: { ...pendingView, version: 3, confirming: true, action: null } }),
    )
    page.checkout.cancel()
    await flushPromises()
    expect(page.display()).toBe('checking')
  })

  it('asks at once after "I have paid", and shows no code until there is news', async () => {
    const page = await waitingPage()
    await vi.advanceTimersByTimeAsync(5_000)
    page.checkout.sayPaid()
    await flushPromises()
    expect(page.display()).toBe('checking')
    expect(page.fetchStatus).toHaveBeenCalledTimes(2)
    page.checkout.showCodeAgain()
    expect(page.display()).toBe('waiting')
  })

  it('is offline after two lost requests, and back with the next answer', async () => {
    const page = await waitingPage()
    page.fetchStatus.mockRejectedValueOnce(refusal({})).mockRejectedValueOnce(refusal({}))
    page.answerStatus(refusal({}))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(page.display()).toBe('offline')
    await vi.advanceTimersByTimeAsync(6_000)
    page.answerStatus(statusOf(paidView))
    await flushPromises()
    expect(page.display()).toBe('paid')
  })

  it('asks without being held as soon as a request was lost, so that "offline" ends with the first answer', async () => {
    const page = await waitingPage()
    for (let lost = 0; lost < 2; lost += 1) {
      page.answerStatus(refusal({}))
      await vi.advanceTimersByTimeAsync(3_000)
    }
    expect(page.display()).toBe('offline')
    expect(page.fetchStatus.mock.lastCall?.[1]).toMatchObject({ waitSeconds: 0 })
    page.answerStatus(statusOf(pendingView))
    await flushPromises()
    expect(page.display()).toBe('waiting')
    expect(page.fetchStatus.mock.lastCall?.[1]).toMatchObject({ waitSeconds: 20 })
  })

  it.each(['online', 'focus', 'pageshow'])('asks at once on %s', async (event) => {
    const page = await waitingPage()
    await vi.advanceTimersByTimeAsync(5_000)
    window.dispatchEvent(new Event(event))
    await flushPromises()
    expect(page.fetchStatus).toHaveBeenCalledTimes(2)
  })

  it('leaves no timer and no request behind with the page', async () => {
    const page = await waitingPage()
    page.close()
    await flushPromises()
    expect(vi.getTimerCount()).toBe(0)
    expect(page.fetchStatus.mock.lastCall?.[1].signal.aborted).toBe(true)
  })
})
