import { beforeEach, describe, expect, it, vi } from 'vitest'

/** A page load in a browser that wants these languages. */
async function load(languages: string[]) {
  vi.resetModules()
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(languages)
  const i18n = await import('./i18n.ts')
  i18n.startLocale()
  return i18n
}

beforeEach(() => localStorage.clear())

describe('the language', () => {
  it.each([
    [['zh-TW', 'en'], 'zh-CN'],
    [['fr', 'en-GB'], 'en'],
    [['en-US', 'zh-CN'], 'en'],
  ])('is what the browser asks for: %o', async (languages, expected) => {
    const { locale } = await load(languages)
    expect(locale.value).toBe(expected)
    expect(document.documentElement.lang).toBe(expected)
  })

  it("is the shop's for a browser that asks for neither", async () => {
    const { locale, useShopLocale } = await load(['fr'])
    useShopLocale('en')
    expect(locale.value).toBe('en')
  })

  it("is not the shop's for a browser that asks for one of ours", async () => {
    const { locale, useShopLocale } = await load(['zh-CN'])
    useShopLocale('en')
    expect(locale.value).toBe('zh-CN')
  })

  it('is switched without a reload, and remembered', async () => {
    const before = await load(['zh-CN'])
    expect(before.t('pay', { amount: '12.50' })).toBe('微信支付 ¥12.50')
    before.chooseLocale('en')
    expect(before.t('pay', { amount: '12.50' })).toBe('Pay ¥12.50 with WeChat')
    expect(document.documentElement.lang).toBe('en')
    const after = await load(['zh-CN'])
    expect(after.locale.value).toBe('en')
  })
})
