import { beforeEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick, shallowRef } from 'vue'
import { idleState, type CheckoutState } from '../checkout/state.ts'
import { chooseLocale, type Locale } from '../i18n.ts'
import { useAnnouncements } from './useAnnouncements.ts'

beforeEach(() => {
  document.body.innerHTML = '<div id="announcements-polite" role="status"></div><div id="announcements-urgent" role="alert"></div>'
})

function scene(locale: Locale = 'zh-CN') {
  chooseLocale(locale)
  const state = shallowRef<CheckoutState>(idleState)
  const secondsLeft = shallowRef<number | null>(null)
  effectScope().run(() => useAnnouncements(state, secondsLeft, shallowRef(1250)))
  const text = (id: string) => document.getElementById(`announcements-${id}`)?.textContent
  return {
    polite: () => text('polite'),
    urgent: () => text('urgent'),
    async become(change: Partial<CheckoutState>) {
      state.value = { ...state.value, ...change }
      await nextTick()
    },
    async left(seconds: number | null) {
      secondsLeft.value = seconds
      await nextTick()
    },
  }
}

describe('what a screen reader hears', () => {
  it('is nothing at the start', () => {
    const { polite, urgent } = scene()
    expect([polite(), urgent()]).toEqual(['', ''])
  })

  it.each<[CheckoutState['display'], string, string]>([
    ['creating', '正在生成付款码', 'Creating payment code'],
    ['waiting', '请用微信扫码支付 12.50 元', 'Scan with WeChat to pay CNY 12.50'],
    ['checking', '正在确认支付结果', 'Confirming with WeChat'],
    ['expired', '付款码已过期', 'Code expired'],
    ['closed', '订单已取消', 'Cancelled'],
  ])('%s politely, in both languages', async (display, zh, en) => {
    for (const [locale, words] of [['zh-CN', zh] as const, ['en', en] as const]) {
      const { become, polite } = scene(locale)
      await become({ display })
      expect(polite()?.trim()).toBe(words)
    }
  })

  it('is "paid" at once, whatever is being read', async () => {
    const { become, urgent, polite } = scene()
    await become({ display: 'paid' })
    expect(urgent()).toBe('已收款 12.50 元')
    expect(polite()).toBe('')
  })

  it('is the time left at 60, 30 and 10 seconds, and not in between', async () => {
    const { become, left, polite } = scene()
    await become({ display: 'waiting' })
    const heard: (string | undefined)[] = []
    for (let seconds = 63; seconds > 0; seconds--) {
      await left(seconds)
      if (polite()?.includes('还剩') && polite() !== heard.at(-1)) heard.push(polite())
    }
    expect(heard).toEqual(['还剩 60 秒', '还剩 30 秒', '还剩 10 秒'])
  })

  it('is the true time when a throttled tab has skipped a mark', async () => {
    const { become, left, polite } = scene()
    await become({ display: 'waiting' })
    await left(75)
    await left(52)
    expect(polite()).toBe('还剩 52 秒')
  })

  it('is that the time is up when the countdown ends', async () => {
    const { become, polite } = scene()
    await become({ display: 'expiring' })
    await become({ display: 'checking', timeLeft: 'none' })
    expect(polite()).toBe('时间到，正在确认支付结果')
  })

  it('is why it takes longer', async () => {
    const { become, polite } = scene()
    await become({ display: 'creating' })
    await become({ trouble: 'slow' })
    expect(polite()).toBe('仍在处理，请稍候')
  })
})
