import { describe, expect, it } from 'vitest'
import { pendingView } from '../testing/views.ts'
import { problemWords } from './problemWords.ts'
import type { Failure } from './state.ts'

const failed = (failure: Partial<Failure>) =>
  problemWords({
    view: null,
    taskWay: 'native',
    failure: { task: 'opening', code: 'internal_error', requestId: 'r-1', mayRetry: true, ...failure },
  })

describe('the words for trouble', () => {
  it('say that nothing was charged when no code could be made, and offer the same request again', () => {
    expect(failed({})).toEqual({ title: 'problemCannotCreate', explanation: null, code: 'internal_error', requestId: 'r-1', retry: 'open' })
  })

  it('offer no retry of what was refused for good', () => {
    expect(failed({ code: 'invalid_request', mayRetry: false }).retry).toBeNull()
  })

  it('never offer to pay again when the amount differs', () => {
    expect(problemWords({ view: { ...pendingView, problem: { code: 'amount_mismatch' } }, failure: null, taskWay: null })).toMatchObject({
      title: 'problemAmountMismatch',
      retry: null,
    })
  })

  it('offer a new attempt when WeChat refused this one', () => {
    const view = { ...pendingView, attempt: 'refused' as const, problem: { code: 'wechat_refused' as const } }
    expect(problemWords({ view, failure: null, taskWay: null })).toMatchObject({
      title: 'problemCannotCreate',
      code: 'wechat_refused',
      retry: 'renew',
    })
  })

  it('speak of a payment, not of a code, where none was asked for', () => {
    const failure = { task: 'opening' as const, code: 'internal_error', requestId: 'r-1', mayRetry: true }
    expect(problemWords({ view: null, failure, taskWay: 'jsapi' }).title).toBe('problemCannotStart')
    const refused = { ...pendingView, tradeType: 'h5' as const, attempt: 'refused' as const }
    expect(problemWords({ view: refused, failure: null, taskWay: null }).title).toBe('problemCannotStart')
  })

  it('name an unknown link and a way of paying that is not enabled', () => {
    expect(failed({ task: 'loading', code: 'checkout_not_found', mayRetry: false })).toMatchObject({
      title: 'problemNotFound',
      retry: null,
    })
    expect(failed({ code: 'trade_type_not_enabled', mayRetry: false })).toMatchObject({ title: 'problemNotEnabled', retry: null })
  })
})
