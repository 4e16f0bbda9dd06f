import { describe, expect, it } from 'vitest'
import type { CheckoutView, TradeType } from 'wxpay-core/contract'
import { h5View, jsapiView, paidView, pendingView, statusOf } from '../testing/views.ts'
import { reduce } from './reducer.ts'
import { stageOf, type Stage } from './stage.ts'
import { idleState } from './state.ts'

const shown = (view: CheckoutView, ways: TradeType[], wantsCode = false) =>
  stageOf(reduce({ ...idleState, task: 'opening' }, { type: 'view', view }, 0), ways, wantsCode)

const finished = (view: CheckoutView) => ({ ...reduce(idleState, { type: 'view', view }, 0), task: null })

describe('what stands in the middle of the dialog', () => {
  it.each<[string, CheckoutView, TradeType[], boolean, Stage]>([
    ['a code on a desktop', pendingView, ['native'], false, 'code'],
    ['an offer to pay here, for a code opened inside WeChat', pendingView, ['jsapi', 'native'], false, 'offer'],
    ['an offer to pay here, for a code opened on a phone', pendingView, ['h5', 'native'], false, 'offer'],
    ['the code, where it was chosen', pendingView, ['jsapi', 'native'], true, 'code'],
    ['the sheet of WeChat, inside it', jsapiView, ['jsapi', 'native'], false, 'in-wechat'],
    ['an offer of a code, for a payment begun inside WeChat and opened on a desktop', jsapiView, ['native'], false, 'offer'],
    [
      'an offer of a code, for a payment that somebody else has been given inside WeChat',
      { ...jsapiView, action: null },
      ['native'],
      false,
      'offer',
    ],
    [
      'the question whether they have paid, for a link of a phone that is opened inside WeChat',
      h5View,
      ['jsapi', 'native'],
      false,
      'have-you-paid',
    ],
  ])('%s', (_what, view, ways, wantsCode, stage) => {
    expect(stageOf(finished(view), ways, wantsCode)).toBe(stage)
  })

  it('the place of the code while a payment is made, and nothing when it is over', () => {
    expect(shown(pendingView, ['native'])).toBe('code')
    expect(stageOf(finished(paidView), ['native'], false)).toBeNull()
    expect(stageOf(finished({ ...pendingView, confirming: true }), ['native'], false)).toBeNull()
  })

  it('the place of the code while it is not known yet for whom the new payment is', () => {
    const status = { ...statusOf(pendingView), version: 5 }
    const told = reduce(finished({ ...jsapiView, action: null }), { type: 'status', status }, 0)
    expect(told.display).toBe('creating')
    expect(stageOf(told, ['native'], false)).toBe('code')
  })

  it('the question whether they have paid, for who comes back to a link', () => {
    expect(stageOf(finished(h5View), ['h5', 'native'], false)).toBe('have-you-paid')
  })
})
