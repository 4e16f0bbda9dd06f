import { computed } from 'vue'
import { createI18n } from 'vue-i18n'
import type consoleZhCN from './locales/console/zh-CN.json'
import type dialogZhCN from './locales/dialog/zh-CN.json'
import en from './locales/en.json'
import zhCN from './locales/zh-CN.json'
import { thisBrowser } from './support/storage.ts'

export const locales = ['zh-CN', 'en'] as const
export type Locale = (typeof locales)[number]
/** The words of the dialog and of the console come with them (addWords.ts beside each). */
export type MessageKey = keyof typeof zhCN | keyof typeof dialogZhCN | keyof typeof consoleZhCN

const rememberedAs = 'wxpay-checkout.locale'

function isLocale(text: string | null): text is Locale {
  return locales.some((locale) => locale === text)
}

/** The language the browser asks for, when it is one of ours. */
function browserLocale(): Locale | null {
  for (const wish of navigator.languages) {
    if (/^zh\b/i.test(wish)) return 'zh-CN'
    if (/^en\b/i.test(wish)) return 'en'
  }
  return null
}

function rememberedLocale(): Locale | null {
  const remembered = thisBrowser.read(rememberedAs)
  return isLocale(remembered) ? remembered : null
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'en',
  messages: { 'zh-CN': { ...zhCN }, en: { ...en } },
})

const { global } = i18n

function show(locale: Locale): void {
  global.locale.value = locale
  document.documentElement.lang = locale
}

export const locale = computed<Locale>(() => (isLocale(global.locale.value) ? global.locale.value : 'zh-CN'))

/** A text in the language of the moment; call it while rendering, so that a switch is seen. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return global.t(key, values)
}

/** Chosen by the person: remembered. */
export function chooseLocale(chosen: Locale): void {
  thisBrowser.write(rememberedAs, chosen)
  show(chosen)
}

/** What was chosen before, else what the browser asks for, else (once known) what the shop speaks. */
export function startLocale(): void {
  show(rememberedLocale() ?? browserLocale() ?? 'zh-CN')
}

export function useShopLocale(shopLocale: Locale): void {
  if (rememberedLocale() === null && browserLocale() === null) show(shopLocale)
}
