declare const fen: unique symbol

/** CNY in fen (分, 1/100 yuan): a safe integer. Never yuan, never a float. Made by toFen(). */
export type Fen = number & { readonly [fen]: true }

/**
 * Makes a Fen of a number that is one already in all but type.
 *
 * @throws {RangeError} when it is not a safe integer, or negative
 */
export function toFen(amount: number): Fen {
  if (!isFen(amount)) throw new RangeError(`not an amount in fen: ${amount}`)
  return amount
}

function isFen(amount: number): amount is Fen {
  return Number.isSafeInteger(amount) && amount >= 0
}

/** Fen as yuan with always two decimals and no sign or grouping: 1250 → "12.50". */
export function formatYuan(amount: Fen): string {
  const digits = String(amount).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export type YuanProblem = 'empty' | 'not-a-number' | 'too-many-decimals' | 'too-many-digits'

export type ParsedYuan = { ok: true; amount: Fen } | { ok: false; problem: YuanProblem }

/**
 * Reads what a person typed as yuan. Full-width digits, 。 ， spaces, ¥ ￥ and 元 are understood;
 * a third decimal is refused, never rounded; a comma stands before three digits or is refused, so that "12,5" is not 125;
 * the arithmetic is on text, so 19.9 is 1990.
 *
 * @param text - e.g. "12.5", "￥１２．５０", "1,280.00 元"
 */
export function parseYuan(text: string): ParsedYuan {
  const typed = normaliseYuanText(text)
  const plain = withoutGrouping(typed)
  if (plain === '') return { ok: false, problem: 'empty' }
  const parts = /^(\d+)(?:\.(\d*))?$/.exec(plain)
  if (!parts) return { ok: false, problem: 'not-a-number' }
  const [, yuan = '', decimals = ''] = parts
  if (decimals.length > 2) return { ok: false, problem: 'too-many-decimals' }
  const significant = yuan.replace(/^0+(?=\d)/, '')
  if (significant.length > 7) return { ok: false, problem: 'too-many-digits' }
  return { ok: true, amount: toFen(Number(significant + decimals.padEnd(2, '0'))) }
}

/** The typed text in half width, without spaces and signs of money; other characters stay, to be refused by the reader. */
export function normaliseYuanText(text: string): string {
  return text
    .replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - '０'.charCodeAt(0)))
    .replace(/[。．]/g, '.')
    .replaceAll('，', ',')
    .replace(/[\s¥￥元]/g, '')
}

/** "1,280.00" → "1280.00"; a comma anywhere else stays, and is refused. */
function withoutGrouping(typed: string): string {
  return /^\d{1,3}(?:,\d{3})+(?:\.\d*)?$/.test(typed) ? typed.replaceAll(',', '') : typed
}
