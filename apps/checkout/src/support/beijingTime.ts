import type { Locale } from '../i18n.ts'

const timeZone = 'Asia/Shanghai'

/** "2026-11-21 10:56:14" in the habits of the language, on a clock in Beijing wherever the shopper is. */
export function formatBeijingTime(at: Date, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }).format(at)
}

/** "10:56:14" */
export function formatBeijingClock(at: Date, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, { timeZone, timeStyle: 'medium', hourCycle: 'h23' }).format(at)
}
