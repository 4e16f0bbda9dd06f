import { randomBytes, randomInt } from 'node:crypto'

/** Crockford's base 32 without letters that are mistaken for digits; WeChat's numbers take digits and letters. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The shopper's key to an order: 192 random bits, 32 characters, safe in a URL. */
export function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/** What a cashier can read out, e.g. 20260301-7K2M9QX4TB: the day in Beijing and 50 random bits. */
export function newOrderNo(now: Date): string {
  return `${beijingDigits(now).slice(0, 8)}-${randomText(10)}`
}

/** Our number of one payment for WeChat: 26 of at most 32 characters, Beijing time and 60 random bits. */
export function newOutTradeNo(now: Date): string {
  return beijingDigits(now) + randomText(12)
}

/** Our number of a refund that somebody asks for: 27 of at most 64 characters. */
export function newOutRefundNo(now: Date): string {
  return `R${newOutTradeNo(now)}`
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}

/** yyyyMMddHHmmss in UTC+8, which has no daylight saving. */
function beijingDigits(now: Date): string {
  return new Date(now.getTime() + 8 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 14)
}
