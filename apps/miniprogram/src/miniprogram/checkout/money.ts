/*
 * The reading and writing of yuan, as in the checkout's pages. A mini program takes no workspace package, so this is a second hand; a test
 * holds both hands to one table. An amount is CNY in fen (分, 1/100 yuan): a safe integer, never yuan, never a fraction.
 */

export type YuanProblem = 'empty' | 'not-a-number' | 'too-many-decimals' | 'too-many-digits'

export type ParsedYuan = { ok: true; amountFen: number } | { ok: false; problem: YuanProblem }

/** Seven digits of yuan: what a field of the checkout takes. */
const maxYuanDigits = 7

/** Fen as yuan, always two decimals: 1250 → "12.50". */
export function formatYuan(amountFen: number): string {
  const digits = String(amountFen).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** Reads typed yuan. The arithmetic is on text, so 19.9 is 1990; a third decimal is refused, never rounded. */
export function parseYuan(text: string): ParsedYuan {
  const typed = ungrouped(halfWidth(text))
  if (typed === '') return { ok: false, problem: 'empty' }
  const parts = /^(\d+)(?:\.(\d*))?$/.exec(typed)
  if (!parts) return { ok: false, problem: 'not-a-number' }
  const [, whole = '', fraction = ''] = parts
  if (fraction.length > 2) return { ok: false, problem: 'too-many-decimals' }
  const yuan = whole.replace(/^0+(?=\d)/, '')
  if (yuan.length > maxYuanDigits) return { ok: false, problem: 'too-many-digits' }
  return { ok: true, amountFen: Number(yuan + fraction.padEnd(2, '0')) }
}

/** Full-width digits and points in half width; spaces and signs of money are left out. */
export function halfWidth(text: string): string {
  return text
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)) // the blocks lie this far apart
    .replace(/[。．]/g, '.')
    .replace(/，/g, ',')
    .replace(/[\s¥￥元]/g, '')
}

/** A comma counts only where it groups three digits: "12,5" stays, and is refused. */
function ungrouped(typed: string): string {
  return /^\d{1,3}(?:,\d{3})+(?:\.\d*)?$/.test(typed) ? typed.replace(/,/g, '') : typed
}
