import { describe, expect, it } from 'vitest'
import type { Order } from '../miniprogram/checkout/answers.ts'
import { countedDown, displayOf, invokeDue, isPayable } from '../miniprogram/checkout/display.ts'
import { idleState, reduce, type CheckoutEvent, type CheckoutState, type Display } from '../miniprogram/checkout/state.ts'
import { paidOrder, pendingOrder, statusOf } from '../testing/orders.ts'

const after = (...events: CheckoutEvent[]): CheckoutState => events.reduce(reduce, idleState)
/** On the scale of a clock that only grows. */
const answeredAt = 1_000
const order = (change: Partial<Order> = {}): CheckoutEvent => ({ type: 'order', order: { ...pendingOrder, ...change }, at: answeredAt })
const status = (change: Partial<Order> = {}, at = answeredAt): CheckoutEvent => ({
  type: 'status',
  status: statusOf({ ...pendingOrder, ...change }),
  at,
})
const failed = (task: 'opening' | 'loading'): CheckoutEvent => ({
  type: 'task-failed',
  failure: { task, code: 'no_answer', requestId: null, mayRetry: true },
})

const shows: [string, Display, CheckoutEvent[]][] = [
  ['nothing yet', 'idle', []],
  ['the order is being made', 'creating', [{ type: 'task-began', task: 'opening' }]],
  ['WeChat has not answered', 'creating', [order({ attempt: 'preparing', invoke: null })]],
  ['there is something to pay', 'waiting', [order()]],
  ['the sheet is up', 'waiting', [order(), { type: 'sheet', sheet: 'up' }]],
  ['the sheet says ok, which proves nothing', 'checking', [order(), { type: 'sheet', sheet: 'ok' }]],
  ['the payer has left the sheet', 'waiting', [order(), { type: 'sheet', sheet: 'cancelled' }]],
  ['the server is being asked', 'checking', [order(), { type: 'task-began', task: 'asking' }]],
  ['WeChat says paid without a notice', 'checking', [order({ confirming: true })]],
  ['the attempt is being closed', 'checking', [order({ attempt: 'closing' })]],
  ['the countdown is over and the server has not said what comes', 'checking', [order(), { type: 'time-up' }]],
  ['the countdown is over with the sheet still up', 'checking', [order(), { type: 'sheet', sheet: 'up' }, { type: 'time-up' }]],
  ['the attempt is over', 'waiting', [order({ attempt: 'closed', remainingMs: null })]],
  ['WeChat has refused', 'error', [order({ attempt: 'refused', problem: 'wechat_refused' })]],
  ['another amount arrived', 'error', [order({ problem: 'amount_mismatch' })]],
  ['the server says paid', 'paid', [order(), status(paidOrder)]],
  ['it was cancelled', 'closed', [order(), status({ status: 'closed', attempt: 'closed', closedReason: 'cancelled', version: 3 })]],
  ['the phone is offline', 'offline', [order(), { type: 'network', disconnected: true }]],
  ['two requests were lost', 'offline', [order(), { type: 'request-failed' }, { type: 'request-failed' }]],
  ['opening failed', 'error', [{ type: 'task-began', task: 'opening' }, failed('opening')]],
]

describe('the page', () => {
  it.each(shows)('when %s: %s', (_, display, events) => {
    expect(displayOf(after(...events))).toBe(display)
  })

  it('stays checking when the phone goes offline after an "ok": nobody is told to pay again', () => {
    expect(displayOf(after(order(), { type: 'sheet', sheet: 'ok' }, { type: 'network', disconnected: true }))).toBe('checking')
  })

  it('counts down from the moment of the answer, and goes by the latest answer although nothing else is new', () => {
    const known = after(order({ remainingMs: 300_000 }))
    expect(countedDown(known)).toBe(301_000)
    expect(reduce(known, status({ remainingMs: 279_600 }, 21_000)), 'the way of an answer is no other time').toBe(known)
    expect(countedDown(reduce(known, status({ remainingMs: 100_000 }, 21_000)))).toBe(121_000)
    expect(countedDown(reduce(known, status({ version: 1, remainingMs: 5 }, 21_000))), 'an answer from before').toBe(301_000)
  })

  it('counts nothing down where no time runs out for the payer', () => {
    expect(countedDown(after(order({ attempt: 'closed', remainingMs: null })))).toBeNull()
    expect(countedDown(after(order(), { type: 'sheet', sheet: 'ok' }))).toBeNull()
    expect(countedDown(after(order(), status(paidOrder)))).toBeNull()
    expect(countedDown(after(order(), { type: 'reset' }))).toBeNull()
  })

  it('is payable again when the server gives it more time after all', () => {
    const over = after(order(), { type: 'time-up' })
    expect(displayOf(reduce(over, status({ version: 3, remainingMs: 60_000 }, 301_000)))).toBe('waiting')
    expect(displayOf(reduce(over, status({ remainingMs: 0 }, 301_000)))).toBe('checking')
  })

  it('takes a status only when its version is higher', () => {
    const known = after(order({ version: 5 }))
    expect(reduce(known, status({ version: 5, confirming: true }))).toBe(known)
    expect(reduce(known, status({ version: 4, status: 'paid' }))).toBe(known)
  })

  it('never goes back from paid, whatever the version', () => {
    const paid = after(order(), status(paidOrder))
    for (const event of [status({ version: 9 }), order({ version: 9 }), status({ version: 9, status: 'closed' })])
      expect(reduce(paid, event)).toBe(paid)
  })

  it('never goes back from closed, but money that came after all counts', () => {
    const closed = after(order(), status({ status: 'closed', closedReason: 'expired', attempt: 'closed', version: 3 }))
    expect(reduce(closed, status({ version: 4 }))).toBe(closed)
    expect(displayOf(reduce(closed, status({ ...paidOrder, version: 4 })))).toBe('paid')
  })

  it('takes nothing that the phone says for a payment', () => {
    for (const sheet of ['ok', 'cancelled', 'failed'] as const) expect(after(order(), { type: 'sheet', sheet }).order).toEqual(pendingOrder)
  })
})

describe('the payment sheet', () => {
  const pressed: CheckoutEvent = { type: 'pay-pressed' }

  it('is due once the order can be paid and the payer has pressed "pay"', () => {
    expect(invokeDue(after(order()))).toBeNull()
    expect(invokeDue(after(order(), pressed))).toEqual(pendingOrder.invoke)
  })

  it('is due when WeChat’s answer comes late', () => {
    const late = after({ type: 'task-began', task: 'opening', paysNext: true }, order({ attempt: 'preparing', invoke: null, version: 1 }), {
      type: 'task-ended',
    })
    expect(invokeDue(late)).toBeNull()
    const risen = reduce(late, status({ version: 2 }))
    expect(invokeDue(risen)).toBeNull()
    expect(invokeDue(reduce(risen, order({ version: 2 })))).toEqual(pendingOrder.invoke)
  })

  it('comes up once for one press', () => {
    expect(invokeDue(after(order(), pressed, { type: 'sheet', sheet: 'up' }))).toBeNull()
    expect(invokeDue(after(order(), pressed, { type: 'sheet', sheet: 'up' }, { type: 'sheet', sheet: 'cancelled' }))).toBeNull()
  })

  it.each<[string, Partial<Order>]>([
    ['paid', paidOrder],
    ['being confirmed', { confirming: true }],
    ['being closed', { attempt: 'closing' }],
    ['of another kind', { invoke: null }],
  ])('is not due for an order that is %s', (_, change) => {
    expect(invokeDue(after(order(change), pressed))).toBeNull()
  })

  it('is not due while a new attempt is asked for, nor after the server’s "no"', () => {
    const asking = after(order(), { type: 'task-began', task: 'renewing', paysNext: true })
    expect(invokeDue(asking)).toBeNull()
    expect(invokeDue(reduce(asking, { type: 'task-refused' }))).toBeNull()
  })

  it('is forgotten with its attempt', () => {
    const other = { ...pendingOrder.invoke, package: 'prepay_id=wx21105614000000000000000000000002' } as Order['invoke']
    const renewed = after(order(), { type: 'sheet', sheet: 'ok' }, order({ version: 4, invoke: other }))
    expect(renewed.sheet).toBe('none')
  })

  it('may come up again while the attempt lives and belongs to this program', () => {
    const { appId = '' } = pendingOrder.invoke ?? {}
    expect(isPayable(pendingOrder, appId)).toBe(true)
    expect(isPayable(pendingOrder, 'wx00000000000000o1')).toBe(false)
    expect(isPayable({ ...pendingOrder, remainingMs: 0 }, appId)).toBe(false)
    expect(isPayable({ ...pendingOrder, attempt: 'closed' }, appId)).toBe(false)
    expect(isPayable({ ...pendingOrder, invoke: null }, appId)).toBe(false)
  })
})
