import { describe, expect, it } from 'vitest'
import { h5Action, h5View, jsapiAction, jsapiView, paidView, pendingView, statusOf } from '../testing/views.ts'
import { asksWhetherPaid, codeToShow, linkIsAlive } from './display.ts'
import { identityOf, type HandBack } from './handOver.ts'
import { reduce, type CheckoutEvent } from './reducer.ts'
import { idleState, type CheckoutState } from './state.ts'

function after(events: CheckoutEvent[], from: CheckoutState = idleState, at = 0): CheckoutState {
  return events.reduce((state, event) => reduce(state, event, at), from)
}

const taps: CheckoutEvent = { type: 'task-began', task: 'opening', way: 'jsapi', byHand: true }
const arrives = (view = jsapiView): CheckoutEvent[] => [{ type: 'view', view }, { type: 'task-ended' }]
const begins: CheckoutEvent = { type: 'handed-over', of: identityOf(jsapiAction) }
const comesBack = (result: HandBack): CheckoutEvent => ({ type: 'handed-back', of: identityOf(jsapiAction), result, detail: null })
const answered: CheckoutEvent = { type: 'request-answered' }
const offered = after(arrives())
const underWay = after([begins], offered)

describe('what WeChat takes over', () => {
  it('begins by itself, once, when it comes after the shopper has asked for it', () => {
    const due = after([taps, ...arrives()])
    expect(due).toMatchObject({ display: 'waiting', handOver: { step: 'due' } })
    expect(after([begins], due).handOver.step).toBe('under-way')
  })

  it('begins by itself also when WeChat was slow, and the answer came by the poll', () => {
    const preparing = { ...jsapiView, attempt: 'preparing' as const, action: null, version: 1 }
    expect(after([taps, ...arrives(preparing), { type: 'view', view: jsapiView }]).handOver.step).toBe('due')
  })

  it('begins by itself also when the poll told before the answer that the old payment is on its way out', () => {
    const shown = after(arrives(pendingView))
    const goes = (attempt: 'closing' | 'closed', version: number): CheckoutEvent => ({
      type: 'status',
      status: { ...statusOf(pendingView), attempt, version, remainingMs: null },
    })
    const renews: CheckoutEvent = { type: 'task-began', task: 'renewing', way: 'jsapi', byHand: true }
    const asked = after([renews, goes('closing', 3), goes('closed', 4)], shown)
    expect(after(arrives({ ...jsapiView, version: 6 }), asked)).toMatchObject({ display: 'waiting', handOver: { step: 'due' } })
    // It could not be closed: what is made later waits for a tap.
    expect(after([{ type: 'task-ended' }, ...arrives({ ...jsapiView, version: 6 })], asked).handOver.step).toBe('offered')
  })

  it.each<[string, CheckoutEvent[]]>([
    ['the page was loaded', arrives()],
    ['the page has resumed a request', [{ ...taps, byHand: false }, ...arrives()]],
    [
      'the request had failed',
      [taps, { type: 'task-failed', failure: { task: 'opening', code: 'x', requestId: null, mayRetry: true } }, ...arrives()],
    ],
    [
      'the old payment had to be closed first',
      [taps, ...arrives({ ...jsapiView, attempt: 'closing', action: null, version: 1 }), ...arrives()],
    ],
  ])('waits for a tap when %s', (_when, events) => {
    expect(after(events)).toMatchObject({ display: 'waiting', handOver: { step: 'offered' } })
  })

  it('does not begin twice', () => {
    expect(after([begins], underWay)).toBe(underWay)
  })

  it.each<HandBack>(['cancelled', 'failed'])('is offered again after %s once the server was asked, not before', (result) => {
    const asking = after([comesBack(result)], underWay)
    expect(asking).toMatchObject({ display: 'checking', handOver: { step: 'asking', result } })
    expect(after([begins], asking)).toBe(asking)
    const back = after([answered], asking)
    expect(back).toMatchObject({ display: 'waiting', handOver: { step: 'back', result } })
    expect(after([begins], back).handOver.step).toBe('under-way')
  })

  it('is offered again when the server could not be asked', () => {
    expect(after([comesBack('cancelled'), { type: 'request-failed' }], underWay).handOver).toMatchObject({
      step: 'back',
      result: 'cancelled',
    })
  })

  it('is offered again at once when the bridge never came: nothing was begun', () => {
    expect(after([comesBack('no-bridge')], underWay)).toMatchObject({ display: 'waiting', handOver: { step: 'back', result: 'no-bridge' } })
  })

  it('proves nothing by an "ok": the page checks until the server says paid', () => {
    const checking = after([comesBack('done'), answered], underWay)
    expect(checking).toMatchObject({ display: 'checking', saidPaid: true })
    expect(after([{ type: 'status', status: statusOf(paidView) }], checking).display).toBe('paid')
  })

  it('counts the failures of one payment, and forgets them with the next', () => {
    const twice = after([comesBack('failed'), answered, begins, comesBack('failed'), answered], underWay)
    expect(twice.handOver.failures).toBe(2)
    const next = { ...jsapiView, version: 3, action: { ...jsapiAction, invoke: { ...jsapiAction.invoke, paySign: 'sign-2' } } }
    expect(after(arrives(next), twice).handOver).toMatchObject({ step: 'offered', failures: 0 })
  })

  it('drops the answer about a payment that is not the one on the screen any more', () => {
    const next = { ...jsapiView, version: 3, action: { ...jsapiAction, invoke: { ...jsapiAction.invoke, paySign: 'sign-2' } } }
    const renewed = after(arrives(next), underWay)
    expect(after([comesBack('done')], renewed)).toBe(renewed)
  })

  it('draws no code', () => {
    expect([codeToShow(offered), codeToShow(underWay)]).toEqual([null, null])
  })
})

describe("WeChat's page for phones", () => {
  const gone: CheckoutEvent = { type: 'handed-over', of: identityOf(h5Action) }
  const returns: CheckoutEvent = { type: 'handed-back', of: identityOf(h5Action), result: 'returned', detail: null }
  const byTap = after([{ type: 'task-began', task: 'opening', way: 'h5', byHand: true }, ...arrives(h5View), gone])

  it('asks whether they have paid when the shopper is back on this very page', () => {
    const back = after([returns], byTap)
    expect(back.display).toBe('checking')
    expect(asksWhetherPaid(back)).toBe(true)
  })

  it('asks the same when the page was loaded anew on the way back', () => {
    const back = after([{ type: 'task-began', task: 'loading' }, ...arrives(h5View)])
    expect(back.display).toBe('checking')
    expect(asksWhetherPaid(back)).toBe(true)
  })

  it('checks without asking once the shopper says that they have paid', () => {
    const said = after([returns, { type: 'said-paid', said: true }], byTap)
    expect(said.display).toBe('checking')
    expect(asksWhetherPaid(said)).toBe(false)
    expect(asksWhetherPaid(after([{ type: 'said-paid', said: false }], said))).toBe(true)
  })

  it.each([{ confirming: true }, { attempt: 'closing' as const }, { remainingMs: 0 }, { attempt: 'closed' as const }])(
    'asks nothing when the server knows more: %o',
    (change) => {
      const back = after([returns, { type: 'view', view: { ...h5View, version: 3, ...change } }], byTap)
      expect(asksWhetherPaid(back)).toBe(false)
    },
  )

  it('can be opened for five minutes', () => {
    expect(linkIsAlive(byTap, 299_999)).toBe(true)
    expect(linkIsAlive(byTap, 300_000)).toBe(false)
    expect(linkIsAlive(after(arrives(pendingView), idleState, 400_000), 400_001)).toBe(true)
  })
})
