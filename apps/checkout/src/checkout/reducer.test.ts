import { describe, expect, it } from 'vitest'
import type { CheckoutView } from 'wxpay-core/contract'
import { closedView, firstCode, paidView, pendingView, statusOf } from '../testing/views.ts'
import { codeToShow } from './display.ts'
import { reduce, type CheckoutEvent } from './reducer.ts'
import { idleState, type CheckoutState, type Failure } from './state.ts'

/** Events one after the other, all at the same moment unless one says when. */
function after(events: (CheckoutEvent & { at?: number })[], from: CheckoutState = idleState): CheckoutState {
  return events.reduce((state, { at = 0, ...event }) => reduce(state, event, at), from)
}

const view = (change: Partial<CheckoutView> = {}): CheckoutEvent => ({ type: 'view', view: { ...pendingView, ...change } })
const status = (change: Partial<CheckoutView> = {}): CheckoutEvent => ({
  type: 'status',
  status: statusOf({ ...pendingView, version: 3, ...change }),
})
const failure: Failure = { task: 'opening', code: 'service_unavailable', requestId: 'r-1', mayRetry: true }
const waiting = after([view()])

describe('what a view is shown as', () => {
  it.each<[string, Partial<CheckoutView>, CheckoutState['display']]>([
    ['a code with time left', {}, 'waiting'],
    ['a code with 60 s left', { remainingMs: 60_000 }, 'expiring'],
    ['a code with 61 s left', { remainingMs: 61_000 }, 'waiting'],
    ['a code whose countdown is over, until the server has closed it', { remainingMs: 0 }, 'checking'],
    ['an attempt that is stored and not answered by WeChat', { attempt: 'preparing', action: null, remainingMs: null }, 'creating'],
    ['an attempt that is being closed', { attempt: 'closing', action: null, remainingMs: null }, 'checking'],
    ['an attempt that is closed while the order is unpaid', { attempt: 'closed', action: null, remainingMs: null }, 'expired'],
    [
      'an attempt that WeChat refused',
      { attempt: 'refused', action: null, remainingMs: null, problem: { code: 'wechat_refused' } },
      'error',
    ],
    ['an order that WeChat says is paid', { confirming: true }, 'checking'],
    ['an amount that differs', { problem: { code: 'amount_mismatch' } }, 'error'],
    ['a paid order', { status: 'paid', attempt: null, action: null, remainingMs: null }, 'paid'],
    ['a cancelled order', { status: 'closed', closedReason: 'cancelled', attempt: 'closed', action: null, remainingMs: null }, 'closed'],
    [
      'an order that ran out of time',
      { status: 'closed', closedReason: 'expired', attempt: 'closed', action: null, remainingMs: null },
      'expired',
    ],
    ['a paid order that was paid twice', { status: 'paid', attempt: null, problem: { code: 'paid_twice' } }, 'paid'],
  ])('%s', (_what, change, display) => {
    expect(after([view(change)]).display).toBe(display)
  })

  it.each<Partial<CheckoutView>>([
    { confirming: true },
    { problem: { code: 'amount_mismatch' } },
    { remainingMs: 0 },
    { attempt: 'closing' },
    { attempt: 'closed' },
    { status: 'paid' },
    { status: 'closed' },
  ])('shows no code with %o, whatever the action says', (change) => {
    expect(codeToShow(after([view(change)]))).toBeNull()
  })
})

describe('versions', () => {
  it('drops a status whose version is not higher, and changes nothing', () => {
    expect(reduce(waiting, status({ version: 2, status: 'paid' }), 5)).toBe(waiting)
    expect(reduce(waiting, status({ version: 1, confirming: true }), 5)).toBe(waiting)
  })

  it('drops an older view that arrives late', () => {
    const renewed = after([view({ version: 5, action: { tradeType: 'native', codeUrl: 'weixin://new' } })])
    expect(reduce(renewed, view({ version: 4 }), 5)).toBe(renewed)
  })

  it('begins a new wait with whatever else the device is given', () => {
    const invoke = { appId: 'wx1', timeStamp: '1', nonceStr: 'n', package: 'prepay_id=wx2', signType: 'RSA', paySign: 'first' }
    const inWechat = view({ version: 3, tradeType: 'jsapi', action: { tradeType: 'jsapi', invoke } })
    const signedAgain = view({ version: 4, tradeType: 'jsapi', action: { tradeType: 'jsapi', invoke: { ...invoke, paySign: 'second' } } })
    const inBrowser = view({ version: 5, tradeType: 'h5', action: { tradeType: 'h5', url: 'https://wx.tenpay.com/' } })
    const steps = [inWechat, signedAgain, inBrowser].map((event, index) => ({ ...event, at: 100 + index }))
    for (const count of [1, 2, 3]) expect(after(steps.slice(0, count), waiting).codeShownAt).toBe(99 + count)
    expect(codeToShow(after(steps, waiting))).toBeNull()
  })

  it('asks for the whole view when a status is newer and the order is unpaid', () => {
    expect(after([status({ remainingMs: 200_000 })], waiting)).toMatchObject({ viewIsStale: true, display: 'waiting' })
  })

  it('takes the view of the very version that a status told of, and the new code with it', () => {
    const renewed = after([status(), view({ version: 3, action: { tradeType: 'native', codeUrl: 'weixin://new' } })], waiting)
    expect(renewed.viewIsStale).toBe(false)
    expect(codeToShow(renewed)).toBe('weixin://new')
  })

  it('does not ask for a view once the order is paid: nothing is missing', () => {
    expect(after([status({ status: 'paid', attempt: null })], waiting)).toMatchObject({ viewIsStale: false, display: 'paid' })
  })

  it('puts away a code that may have been replaced while the new one cannot be fetched', () => {
    const stale = after([status()], waiting)
    expect(codeToShow(stale)).toBe(firstCode)
    expect(codeToShow(after([{ type: 'request-failed' }], stale))).toBeNull()
  })

  it('takes the view of another order whatever its version', () => {
    expect(after([view({ token: 'b'.repeat(22), version: 1, amountFen: 5 })], waiting).view).toMatchObject({ amountFen: 5 })
  })
})

describe('final states never revert', () => {
  it.each<CheckoutEvent>([
    status({ version: 9 }),
    view({ version: 9 }),
    status({ version: 9, status: 'closed', closedReason: 'expired' }),
    status({ version: 9, confirming: true }),
  ])('paid stays paid after $type', (event) => {
    expect(after([event], after([{ type: 'view', view: paidView }])).display).toBe('paid')
  })

  it('closed never opens again', () => {
    const closed = after([{ type: 'view', view: closedView }])
    expect(after([status({ version: 9 }), view({ version: 10 })], closed).display).toBe('closed')
  })

  it('closed may still turn out to be paid, or to have money that came late', () => {
    const closed = after([{ type: 'view', view: closedView }])
    expect(after([status({ ...paidView, version: 9 })], closed).display).toBe('paid')
    expect(after([status({ ...closedView, version: 9, problem: { code: 'paid_late' } })], closed).view?.problem).toEqual({
      code: 'paid_late',
    })
  })

  it.each<CheckoutEvent>([
    { type: 'task-failed', failure },
    { type: 'request-failed' },
    { type: 'browser-offline', offline: true },
    { type: 'time-passed' },
    { type: 'said-paid', said: true },
    { type: 'task-began', task: 'renewing', way: 'native', byHand: true },
  ])('paid outlasts a local $type', (event) => {
    expect(after([{ ...event, at: 400_000 }], after([{ type: 'view', view: paidView }])).display).toBe('paid')
  })

  it('ends what was being sent when paid arrives first', () => {
    expect(after([{ type: 'task-began', task: 'extending' }, status(paidView)], waiting)).toMatchObject({ display: 'paid', task: null })
  })
})

describe('time', () => {
  it('anchors the countdown to the moment of the answer', () => {
    expect(after([{ ...view({ remainingMs: 300_000 }), at: 7_000 }]).codeEndsAt).toBe(307_000)
  })

  it('goes waiting, expiring, checking as it passes', () => {
    expect(after([{ type: 'time-passed', at: 239_999 }], waiting).display).toBe('waiting')
    expect(after([{ type: 'time-passed', at: 240_000 }], waiting).display).toBe('expiring')
    expect(after([{ type: 'time-passed', at: 299_999 }], waiting).display).toBe('expiring')
    expect(after([{ type: 'time-passed', at: 300_000 }], waiting).display).toBe('checking')
  })

  it('returns the very same state when a moment changes nothing', () => {
    expect(reduce(waiting, { type: 'time-passed' }, 1_000)).toBe(waiting)
  })

  it('is waiting again after an extension, with the same code', () => {
    const expiring = after([{ type: 'time-passed', at: 250_000 }], waiting)
    const extended = after([{ ...view({ version: 3, remainingMs: 300_000 }), at: 251_000 }], expiring)
    expect(extended).toMatchObject({ display: 'waiting', codeEndsAt: 551_000 })
    expect(codeToShow(extended)).toBe(firstCode)
  })

  it('changes the words at 200 s unpaid, and goes on', () => {
    expect(after([{ type: 'time-passed', at: 199_999 }], waiting).waitedLong).toBe(false)
    expect(after([{ type: 'time-passed', at: 200_000 }], waiting)).toMatchObject({ waitedLong: true, display: 'waiting' })
  })

  it('counts those 200 s anew for a new code, not for an extension', () => {
    const long = after([{ type: 'time-passed', at: 200_000 }], waiting)
    const extended = after([{ ...view({ version: 3 }), at: 210_000 }], long)
    expect(extended.waitedLong).toBe(true)
    const renewed = after([{ ...view({ version: 4, action: { tradeType: 'native', codeUrl: 'weixin://new' } }), at: 220_000 }], extended)
    expect(renewed).toMatchObject({ waitedLong: false, codeShownAt: 220_000 })
  })

  it('says that it is still working after 3 s without a code', () => {
    const creating = after([{ type: 'task-began', task: 'opening', way: 'native', byHand: true, at: 1_000 }])
    expect(after([{ type: 'time-passed', at: 3_999 }], creating).trouble).toBeNull()
    expect(after([{ type: 'time-passed', at: 4_000 }], creating).trouble).toBe('slow')
  })
})

describe('what the shopper does', () => {
  it('shows a place for the code while the order is made', () => {
    expect(after([{ type: 'task-began', task: 'opening', way: 'native', byHand: true }]).display).toBe('creating')
  })

  it('hides the old code while a new one is asked for', () => {
    const renewing = after([{ type: 'task-began', task: 'renewing', way: 'native', byHand: true }], waiting)
    expect(renewing.display).toBe('creating')
    expect(codeToShow(renewing)).toBeNull()
  })

  it('keeps the code while more time is asked for', () => {
    expect(after([{ type: 'task-began', task: 'extending' }], waiting).display).toBe('waiting')
  })

  it('offers a new code once WeChat has no time left to give', () => {
    const refused = after([{ type: 'extension-refused' }], waiting)
    expect(refused.extendable).toBe(false)
    expect(after([view({ version: 3, action: { tradeType: 'native', codeUrl: 'weixin://new' } })], refused).extendable).toBe(true)
  })

  it('puts the code away after "I have paid", and takes it back on request', () => {
    const said = after([{ type: 'said-paid', said: true }], waiting)
    expect(said.display).toBe('checking')
    expect(after([{ type: 'said-paid', said: false }], said).display).toBe('waiting')
  })

  it('forgets "I have paid" when the server has news', () => {
    const said = after([{ type: 'said-paid', said: true }], waiting)
    expect(after([view({ version: 3 })], said).display).toBe('waiting')
    expect(after([status({ confirming: true })], said).display).toBe('checking')
  })

  it('begins again with nothing but the knowledge that the browser is offline', () => {
    const offline = after([{ type: 'browser-offline', offline: true }], waiting)
    expect(after([{ type: 'reset' }], offline)).toEqual({ ...idleState, browserOffline: true })
  })
})

describe('trouble', () => {
  it('is an error, with its cause, when no order could be made', () => {
    expect(
      after([
        { type: 'task-began', task: 'opening', way: 'native', byHand: true },
        { type: 'task-failed', failure },
      ]),
    ).toMatchObject({ display: 'error', failure, task: null })
  })

  it('leaves a code that is still good on the screen when something else failed', () => {
    const failed = after([{ type: 'task-failed', failure: { ...failure, task: 'extending' } }], waiting)
    expect(failed.display).toBe('waiting')
  })

  it('clears a failure when the next request begins, and when the server has news', () => {
    const failed = after([{ type: 'task-failed', failure }])
    expect(after([{ type: 'task-began', task: 'opening', way: 'native', byHand: true }], failed)).toMatchObject({
      failure: null,
      display: 'creating',
    })
    expect(after([view()], failed)).toMatchObject({ failure: null, display: 'waiting' })
  })

  it('is offline after two failed requests, with the code still valid', () => {
    expect(after([{ type: 'request-failed' }], waiting).display).toBe('waiting')
    const offline = after([{ type: 'request-failed' }, { type: 'request-failed' }], waiting)
    expect(offline.display).toBe('offline')
    expect(codeToShow(offline)).toBe(firstCode)
  })

  it('is offline at once when the browser says so, and back at once', () => {
    const offline = after([{ type: 'browser-offline', offline: true }], waiting)
    expect(offline.display).toBe('offline')
    expect(after([{ type: 'browser-offline', offline: false }], offline).display).toBe('waiting')
  })

  it('is back after one answer', () => {
    const offline = after([{ type: 'request-failed' }, { type: 'request-failed' }], waiting)
    expect(after([{ type: 'request-answered' }], offline).display).toBe('waiting')
  })

  it('shows confirming rather than a failure of ours', () => {
    expect(after([{ type: 'task-failed', failure: { ...failure, task: 'renewing' } }, status({ confirming: true })], waiting).display).toBe(
      'checking',
    )
  })

  it('does not let a countdown that ended offline look valid', () => {
    const offline = after(
      [
        { type: 'browser-offline', offline: true },
        { type: 'time-passed', at: 300_000 },
      ],
      waiting,
    )
    expect(offline.display).toBe('checking')
    expect(codeToShow(offline)).toBeNull()
  })
})
