import { describe, expect, it } from 'vitest'
import type { Order, Shop } from '../miniprogram/checkout/answers.ts'
import { formatBeijingTime } from '../miniprogram/checkout/beijingTime.ts'
import { screenOf } from '../miniprogram/checkout/screen.ts'
import { idleState, type CheckoutState } from '../miniprogram/checkout/state.ts'
import { wordsFor } from '../miniprogram/checkout/words.ts'
import { paidOrder, pendingOrder } from '../testing/orders.ts'

const shop: Shop = { name: '云上咖啡', contact: '010-12345678', limits: { minAmountFen: 1, maxAmountFen: 5_000_000 } }
const screen = (change: Partial<CheckoutState>, language = 'zh_CN') =>
  screenOf({ state: { ...idleState, ...change }, shop, words: wordsFor(language), typedFen: 1250, secondsLeft: null })
const withOrder = (change: Partial<Order>, language?: string) => screen({ order: { ...pendingOrder, ...change } }, language)

describe('the words on the page', () => {
  it('are Chinese for every kind of Chinese, else English', () => {
    for (const language of ['zh_CN', 'zh_TW', 'zh_HK', 'zh']) expect(wordsFor(language).title).toBe('付款')
    for (const language of ['en', 'ja', '']) expect(wordsFor(language).title).toBe('Pay')
  })

  it('have the same places for values in both languages', () => {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted()
    const [zh, en] = [wordsFor('zh_CN'), wordsFor('en')]
    for (const [name, text] of Object.entries(zh))
      expect(places(text), name).toEqual(places(Object.entries(en).find(([key]) => key === name)?.[1] ?? ''))
  })

  it('after an "ok" of the sheet say to wait and not to pay again, and offer no button', () => {
    expect(screen({ order: pendingOrder, sheet: 'ok' })).toMatchObject({
      state: 'checking',
      amount: '12.50',
      title: '正在确认，请勿重复支付',
      primary: '',
      secondary: '',
    })
  })

  it('tell the time that is left in minutes and seconds, where there is one', () => {
    const left = (secondsLeft: number | null, language: string) =>
      screenOf({ state: { ...idleState, order: pendingOrder }, shop, words: wordsFor(language), typedFen: 0, secondsLeft }).countdown
    expect(left(272, 'zh_CN')).toBe('剩余时间 04:32')
    expect(left(9, 'en')).toBe('Time left 00:09')
    expect(left(null, 'en')).toBe('')
  })

  it('after a cancelled sheet offer to try again', () => {
    expect(screen({ order: pendingOrder, sheet: 'cancelled' }, 'en')).toMatchObject({
      state: 'waiting',
      title: 'Not paid yet',
      primary: 'Try again',
      primaryAct: 'pay-again',
      secondaryAct: 'cancel',
    })
  })

  it('when paid tell amount, Beijing time and the order’s tail', () => {
    expect(withOrder(paidOrder)).toMatchObject({
      state: 'paid',
      title: '已收款',
      amount: '12.50',
      facts: [
        { name: '支付时间（北京时间）', value: '2026-11-21 10:56:14' },
        { name: '订单尾号', value: '000042' },
        { name: '微信支付单号', value: '4200009042202611217754120386' },
      ],
    })
  })

  it('of a closed order say "not charged" unless money came after all', () => {
    const closed = { status: 'closed', attempt: 'closed', closedReason: 'expired' } as const
    expect(withOrder(closed).more).toContain('未扣款')
    expect(withOrder({ ...closed, problem: 'paid_late' })).toMatchObject({ more: '已收到付款，订单此前已关闭，将由商家处理' })
  })

  it.each([
    ['paid_late', 'late-payment', ['已收到付款，订单此前已关闭，将由商家处理', '正在原路退回', '款项已原路退回']],
    ['paid_twice', 'second-payment', ['多付部分由商家处理', '多付部分将原路退回', '多付部分已原路退回']],
  ] as const)('of an order that is %s say where the money is', (problem, of, [kept, returning, returned]) => {
    const moreWith = (...states: ('pending' | 'done' | 'failed')[]) =>
      withOrder({
        status: 'closed',
        attempt: 'closed',
        closedReason: 'expired',
        problem,
        refunds: states.map((state) => ({ amountFen: 1250, state, of, at: '2026-11-21T02:56:14.000Z' })),
      }).more
    expect(moreWith()).toContain(kept)
    expect(moreWith('failed')).toContain(kept)
    expect(moreWith('pending')).toContain(returning)
    expect(moreWith('failed', 'pending')).toContain(returning)
    expect(moreWith('failed', 'done')).toContain(returned)
  })

  it.each([
    ['opening', 'no_answer', true, '暂时无法创建支付，未产生扣款', 'reopen'],
    ['opening', 'invalid_request', false, '暂时无法创建支付，未产生扣款', 'none'],
    ['opening', 'login_refused', false, '无法确认您的微信身份，未产生扣款', 'reopen'],
    ['opening', 'trade_type_not_enabled', false, '商户暂未开通此支付方式，未产生扣款', 'none'],
    ['renewing', 'internal_error', true, '暂时无法创建支付，未产生扣款', 'pay-again'],
    ['loading', 'checkout_not_found', false, '找不到这笔付款', 'none'],
    ['asking', 'no_answer', true, '暂时无法查询这笔付款', 'reload'],
  ] as const)('of trouble while %s (%s) say whether money moved', (task, code, mayRetry, title, act) => {
    const shown = screen({ failure: { task, code, requestId: 'r-1', mayRetry } })
    expect(shown).toMatchObject({ state: 'error', title, primaryAct: act, secondaryAct: 'start-over' })
    expect(shown.details).toEqual(['联系商家：010-12345678', `错误码 ${code}`, '请求编号 r-1'])
  })

  it('of an amount that differs offer nothing to pay with', () => {
    expect(withOrder({ problem: 'amount_mismatch' })).toMatchObject({ state: 'error', title: '支付金额异常，已通知商家', primary: '' })
  })
})

describe('a time of payment', () => {
  it.each([
    ['2026-11-21T02:56:14.000Z', '2026-11-21 10:56:14'],
    ['2026-12-31T16:00:00Z', '2027-01-01 00:00:00'],
    ['2026-11-21T10:56:14+08:00', '2026-11-21 10:56:14'],
    ['soon', 'soon'],
  ])('%s is shown as %s', (at, shown) => {
    expect(formatBeijingTime(at)).toBe(shown)
  })
})
