import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { toFen } from 'wxpay-core/money'
import { ApiError, type ApiErrorDetails } from '../api/ApiError.ts'
import { pendingRequests } from '../checkout/pendingRequests.ts'
import { randomKey } from '../support/randomKey.ts'
import { memoryOf } from '../support/storage.ts'
import { fakeApi } from '../testing/fakeApi.ts'
import { closedView, jsapiAction, jsapiView, paidView, pendingView, statusOf } from '../testing/views.ts'
import { useCheckout } from './useCheckout.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  for (const close of open.splice(0)) close()
  vi.useRealTimers()
})

const open: (() => void)[] = []

const newTab = () =>
  memoryOf(() => {
    throw new Error('storage is off')
  })

/** A page load in a tab, with a server that answers as told. */
function loadPage(tab = newTab()) {
  const server = fakeApi()
  const onOpened = vi.fn()
  const goTo = vi.fn<(address: string) => void>()
  const scope = effectScope()
  const checkout = scope.run(() =>
    useCheckout({ loadApi: async () => server.api, pending: pendingRequests(tab, randomKey), onOpened, goTo }),
  )
  if (!checkout) throw new Error('no scope')
  open.push(() => scope.stop())
  return { ...server, checkout, onOpened, goTo, close: () => scope.stop(), display: () => checkout.state.value.display }
}

const refusal = (details: Partial<ApiErrorDetails>) =>
  new ApiError({ status: null, code: 'no_answer', requestId: null, retryAfterMs: null, view: null, ...details })
const amount = toFen(1250)
const key = (call: unknown[] | undefined) => call?.at(-1)

describe('paying an amount', () => {
  it('opens a checkout, takes its address, shows the code, and closes when it is paid', async () => {
    const page = loadPage()
    page.openCheckout.mockResolvedValue(pendingView)
    page.checkout.open(amount, 'native')
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
    for (let press = 0; press < 20; press++) page.checkout.open(amount, 'native')
    await flushPromises()
    expect(page.openCheckout).toHaveBeenCalledOnce()
  })

  it('repeats the same request with the same key while there is no answer', async () => {
    const page = loadPage()
    page.openCheckout
      .mockRejectedValueOnce(refusal({}))
      .mockRejectedValueOnce(refusal({ status: 503 }))
      .mockResolvedValue(pendingView)
    page.checkout.open(amount, 'native')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(page.display()).toBe('waiting')
    expect(new Set(page.openCheckout.mock.calls.map(key)).size).toBe(1)
    expect(page.openCheckout).toHaveBeenCalledTimes(3)
  })

  it('says so while WeChat or the shop is busy', async () => {
    const page = loadPage()
    page.openCheckout.mockRejectedValueOnce(refusal({ status: 429, code: 'too_many_requests', retryAfterMs: 9_000 }))
    page.checkout.open(amount, 'native')
    await flushPromises()
    expect(page.checkout.state.value).toMatchObject({ display: 'creating', trouble: 'busy' })
  })

  it('repeats it with the same key after a reload in the middle', async () => {
    const tab = newTab()
    const before = loadPage(tab)
    before.openCheckout.mockReturnValue(new Promise(() => undefined))
    before.checkout.open(amount, 'native')
    await flushPromises()
    before.close()
    const after = loadPage(tab)
    after.openCheckout.mockResolvedValue(pendingView)
    expect(after.checkout.resumeOpening()).toBe(1250)
    await flushPromises()
    expect(key(after.openCheckout.mock.calls[0])).toBe(key(before.openCheckout.mock.calls[0]))
    expect(after.openCheckout).toHaveBeenCalledWith({ amountFen: 1250, tradeType: 'native' }, expect.any(String))
    expect(loadPage(tab).checkout.resumeOpening()).toBeNull()
  })

  it('keeps the key for the retry button when patience is over, and takes a new one for another amount', async () => {
    const page = loadPage()
    page.openCheckout.mockRejectedValue(refusal({ status: 503, code: 'service_unavailable', requestId: 'r-9' }))
    page.checkout.open(amount, 'native')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(page.checkout.state.value).toMatchObject({
      display: 'error',
      failure: { code: 'service_unavailable', requestId: 'r-9', mayRetry: true },
    })
    page.openCheckout.mockClear().mockResolvedValue(pendingView)
    page.checkout.open(amount, 'native')
    await flushPromises()
    expect(page.display()).toBe('waiting')
  })

  it('is refused for good at once, and begins with a new key', async () => {
    const page = loadPage()
    page.openCheckout.mockRejectedValueOnce(refusal({ status: 409, code: 'trade_type_not_enabled' }))
    page.checkout.open(amount, 'native')
    await flushPromises()
    expect(page.display()).toBe('error')
    page.openCheckout.mockResolvedValue(pendingView)
    page.checkout.open(amount, 'native')
    await flushPromises()
    const keys = page.openCheckout.mock.calls.map(key)
    expect(keys[0]).not.toBe(keys[1])
  })

  it('forgets what comes after the shopper has left', async () => {
    const page = loadPage()
    let answer: (view: typeof pendingView) => void = () => undefined
    page.openCheckout.mockReturnValue(new Promise((resolve) => (answer = resolve)))
    page.checkout.open(amount, 'native')
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

describe('a payer whom the shop does not know yet', () => {
  const unknown = () => refusal({ status: 401, code: 'payer_unknown' })

  it('is sent to WeChat once, and the page that comes back makes the same order with a new key', async () => {
    const tab = newTab()
    const before = loadPage(tab)
    before.openCheckout.mockRejectedValue(unknown())
    before.checkout.open(amount, 'jsapi')
    await flushPromises()
    expect(before.goTo).toHaveBeenCalledExactlyOnceWith('/wechat/oauth/start?return=%2F')
    expect(before.display()).toBe('creating')
    before.close()
    const after = loadPage(tab)
    after.openCheckout.mockResolvedValue(jsapiView)
    expect(after.checkout.resumeOpening()).toBe(1250)
    await flushPromises()
    expect(after.openCheckout).toHaveBeenCalledWith({ amountFen: 1250, tradeType: 'jsapi' }, expect.any(String))
    expect(key(after.openCheckout.mock.calls[0])).not.toBe(key(before.openCheckout.mock.calls[0]))
    expect(after.checkout.state.value).toMatchObject({ display: 'waiting', handOver: { step: 'offered' } })
  })

  it('is never sent a second time: the page pays by a code, and says why', async () => {
    const tab = newTab()
    const before = loadPage(tab)
    before.openCheckout.mockRejectedValue(unknown())
    before.checkout.open(amount, 'jsapi')
    await flushPromises()
    before.close()
    const after = loadPage(tab)
    after.openCheckout.mockRejectedValueOnce(unknown()).mockResolvedValueOnce(pendingView)
    after.checkout.resumeOpening()
    await flushPromises()
    expect(after.goTo).not.toHaveBeenCalled()
    expect(after.openCheckout.mock.lastCall?.[0]).toEqual({ amountFen: 1250, tradeType: 'native' })
    expect(after.checkout.state.value).toMatchObject({ display: 'waiting', fallback: 'payer-unknown' })
  })

  it('is asked again in a later payment, once it has helped', async () => {
    const tab = newTab()
    const page = loadPage(tab)
    page.openCheckout.mockRejectedValueOnce(unknown())
    page.checkout.open(amount, 'jsapi')
    await flushPromises()
    page.close()
    const later = loadPage(tab)
    later.openCheckout.mockResolvedValueOnce(jsapiView).mockRejectedValueOnce(unknown())
    later.checkout.resumeOpening()
    await flushPromises()
    later.checkout.leave()
    later.checkout.open(amount, 'jsapi')
    await flushPromises()
    expect(later.goTo).toHaveBeenCalledOnce()
  })

  it('comes back by the back button without having said so: the very same page goes on, by a code', async () => {
    const page = loadPage()
    page.openCheckout.mockRejectedValueOnce(unknown()).mockRejectedValueOnce(unknown()).mockResolvedValueOnce(pendingView)
    page.checkout.open(amount, 'jsapi')
    await flushPromises()
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    await flushPromises()
    expect(page.goTo).toHaveBeenCalledOnce()
    expect(page.checkout.state.value).toMatchObject({ display: 'waiting', fallback: 'payer-unknown' })
  })

  it('is asked in the middle of an order too, and the new payment goes on after the return', async () => {
    const tab = newTab()
    const before = await waitingPage(tab)
    before.startPayment.mockRejectedValue(unknown())
    before.checkout.renew('jsapi')
    await flushPromises()
    expect(before.goTo).toHaveBeenCalledOnce()
    before.close()
    const after = loadPage(tab)
    after.fetchCheckout.mockResolvedValue(pendingView)
    after.startPayment.mockResolvedValue({ ...jsapiView, version: 3 })
    after.checkout.follow(pendingView.token)
    await flushPromises()
    expect(after.startPayment).toHaveBeenCalledExactlyOnceWith(pendingView.token, 'jsapi', expect.any(String))
    expect(after.display()).toBe('waiting')
  })
})

describe('a way of paying that the merchant has not enabled', () => {
  it.each(['jsapi', 'h5'] as const)('falls back from %s to a code, with a key of its own', async (way) => {
    const page = loadPage()
    page.openCheckout.mockRejectedValueOnce(refusal({ status: 409, code: 'trade_type_not_enabled' })).mockResolvedValueOnce(pendingView)
    page.checkout.open(amount, way)
    await flushPromises()
    expect(page.openCheckout.mock.calls.map(([body]) => body.tradeType)).toEqual([way, 'native'])
    expect(new Set(page.openCheckout.mock.calls.map(key)).size).toBe(2)
    expect(page.checkout.state.value).toMatchObject({ display: 'waiting', fallback: 'not-enabled' })
  })

  it('is an error when a code is not enabled either', async () => {
    const page = await waitingPage()
    page.startPayment.mockRejectedValue(refusal({ status: 409, code: 'trade_type_not_enabled' }))
    page.checkout.renew('native')
    await flushPromises()
    expect(page.checkout.state.value.failure).toMatchObject({ task: 'renewing', code: 'trade_type_not_enabled' })
    expect(page.startPayment).toHaveBeenCalledOnce()
  })
})

describe('a payment that WeChat takes over', () => {
  /** The sheet is open. */
  const handedOver = async () => {
    const page = await waitingPage(newTab(), jsapiView)
    page.checkout.handOver(jsapiAction)
    return page
  }

  it('begins once, however often it is tapped', async () => {
    const page = await waitingPage(newTab(), jsapiView)
    expect([page.checkout.handOver(jsapiAction), page.checkout.handOver(jsapiAction)]).toEqual([true, false])
  })

  it('is not paid because WeChat\'s client says "ok": the page checks, and the server decides', async () => {
    const page = await handedOver()
    page.checkout.handBack(jsapiAction, 'done')
    expect(page.display()).toBe('checking')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(page.display()).toBe('checking')
    window.dispatchEvent(new Event('focus'))
    await flushPromises()
    page.answerStatus(statusOf(paidView))
    await flushPromises()
    expect(page.display()).toBe('paid')
  })

  it.each(['cancelled', 'failed'] as const)(
    'asks the server once, without being held, before it offers anything after %s',
    async (result) => {
      const page = await handedOver()
      page.checkout.handBack(jsapiAction, result)
      expect(page.display()).toBe('checking')
      await flushPromises()
      expect(page.fetchStatus.mock.lastCall?.[1]).toMatchObject({ waitSeconds: 0 })
      page.answerStatus(statusOf(jsapiView))
      await flushPromises()
      expect(page.checkout.state.value).toMatchObject({ display: 'waiting', handOver: { step: 'back', result } })
      expect(page.fetchStatus.mock.lastCall?.[1]).toMatchObject({ waitSeconds: 20 })
    },
  )

  it('offers nothing when that answer says paid', async () => {
    const page = await handedOver()
    page.checkout.handBack(jsapiAction, 'cancelled')
    await flushPromises()
    page.answerStatus(statusOf(paidView))
    await flushPromises()
    expect(page.display()).toBe('paid')
  })
})

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
    page.checkout.renew('native')
    expect(page.display()).toBe('creating')
    await vi.advanceTimersByTimeAsync(1_500)
    expect(page.display()).toBe('waiting')
    page.startPayment.mockResolvedValueOnce({ ...pendingView, version: 4 })
    page.checkout.renew('native')
    await flushPromises()
    const keys = page.startPayment.mock.calls.map(key)
    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).not.toBe(keys[0])
  })

  it('asks for the same new code again after a reload in the middle', async () => {
    const tab = newTab()
    const before = await waitingPage(tab)
    before.startPayment.mockReturnValue(new Promise(() => undefined))
    before.checkout.renew('native')
    await flushPromises()
    before.close()
    const after = loadPage(tab)
    after.fetchCheckout.mockResolvedValueOnce(pendingView)
    after.startPayment.mockResolvedValue({ ...pendingView, version: 3 })
    after.checkout.follow(pendingView.token)
    await flushPromises()
    expect(key(after.startPayment.mock.calls[0])).toBe(key(before.startPayment.mock.calls[0]))
  })

  it('is checking when the old code is still being closed', async () => {
    const page = await waitingPage()
    page.startPayment.mockResolvedValue({ ...pendingView, version: 3, attempt: 'closing', action: null, remainingMs: null })
    page.checkout.renew('native')
    await flushPromises()
    expect(page.display()).toBe('checking')
  })

  it('shows what a 409 says: paid at the very moment of a refresh', async () => {
    const page = await waitingPage()
    page.startPayment.mockRejectedValue(refusal({ status: 409, code: 'order_not_payable', view: paidView }))
    page.checkout.renew('native')
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

describe('an order that is over', () => {
  const refund = { amountFen: 250, state: 'pending', of: 'order', at: '2026-11-21T03:10:00.000Z' } as const
  const returning = { ...paidView, version: 4, refunds: [refund] }
  const returned = { ...paidView, version: 5, refunds: [{ ...refund, state: 'done' as const }] }
  const comeBack = () => window.dispatchEvent(new Event('focus'))

  async function shown(view: typeof paidView) {
    const page = loadPage()
    page.fetchCheckout.mockResolvedValue(view)
    page.checkout.follow(view.token)
    await flushPromises()
    return page
  }

  it('is followed while money goes back, and no longer when it has gone', async () => {
    const page = await shown(returning)
    expect(page.fetchStatus).toHaveBeenCalledWith(paidView.token, expect.objectContaining({ version: 4, waitSeconds: 20 }))
    page.answerStatus(statusOf(returned))
    await flushPromises()
    expect(page.checkout.state.value).toMatchObject({ display: 'paid', view: { refunds: [{ state: 'done' }] } })
    await vi.advanceTimersByTimeAsync(120_000)
    expect(page.fetchStatus).toHaveBeenCalledOnce()
  })

  it('is not followed while nobody looks', async () => {
    const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    const page = await shown(returning)
    expect(page.fetchStatus).not.toHaveBeenCalled()
    visibility.mockReturnValue('visible')
    comeBack()
    await flushPromises()
    page.answerStatus(statusOf(returned))
    await flushPromises()
    expect(page.checkout.state.value.view?.refunds).toEqual(returned.refunds)
    visibility.mockRestore()
  })

  it('is looked at once more whenever the shopper comes back: a refund may have begun', async () => {
    const page = await shown(paidView)
    expect(page.fetchStatus).not.toHaveBeenCalled()
    comeBack()
    await flushPromises()
    expect(page.fetchStatus).toHaveBeenCalledWith(paidView.token, expect.objectContaining({ version: 3, waitSeconds: 0 }))
    page.answerStatus(statusOf(paidView))
    await vi.advanceTimersByTimeAsync(120_000)
    expect(page.fetchStatus).toHaveBeenCalledOnce()
  })
})
