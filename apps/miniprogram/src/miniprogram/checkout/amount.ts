import { halfWidth, parseYuan } from './money'

export interface AmountLimits {
  minAmountFen: number
  maxAmountFen: number
}

/** One fen is WeChat's smallest amount; seven digits of yuan are the field's own end until the shop's limit is known. */
export const widestLimits: AmountLimits = { minAmountFen: 1, maxAmountFen: 999_999_999 }

export type AmountProblem = 'empty' | 'not-a-number' | 'too-many-decimals' | 'below-min' | 'above-max'

export type ReadAmount = { ok: true; amountFen: number } | { ok: false; problem: AmountProblem }

/** What was typed, as an amount that may be paid. */
export function readAmount(text: string, { minAmountFen, maxAmountFen }: AmountLimits): ReadAmount {
  const parsed = parseYuan(text)
  if (!parsed.ok) return { ok: false, problem: parsed.problem === 'too-many-digits' ? 'above-max' : parsed.problem }
  if (parsed.amountFen > maxAmountFen) return { ok: false, problem: 'above-max' }
  if (parsed.amountFen < minAmountFen) return { ok: false, problem: 'below-min' }
  return parsed
}

/** In the order of a till's keypad. */
export const keypadKeys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '0', 'delete'] as const
export type KeypadKey = (typeof keypadKeys)[number]

export interface Typed {
  text: string
  /** Why the last key changed nothing. */
  refused: AmountProblem | null
}

/** The text after a key. One that cannot be meant (a third decimal, an eighth digit, a second point) changes nothing and says why. */
export function pressKey(text: string, key: KeypadKey): Typed {
  if (key === 'delete') return { text: text.slice(0, -1), refused: null }
  const typed = tidy(text + key)
  const parsed = parseYuan(typed)
  if (parsed.ok) return { text: typed, refused: null }
  return { text, refused: parsed.problem === 'too-many-digits' ? 'above-max' : parsed.problem }
}

function tidy(text: string): string {
  return halfWidth(text)
    .replace(/^0+(?=\d)/, '')
    .replace(/^\./, '0.')
}

/** "0", "0." and "0.0" are on the way to an amount, not wrong yet. */
export function problemToShow({ text, refused }: Typed, limits: AmountLimits): AmountProblem | null {
  if (refused !== null) return refused
  const read = readAmount(text, limits)
  if (read.ok || read.problem === 'empty') return null
  return read.problem === 'below-min' && /^0?\.?0?$/.test(text) ? null : read.problem
}
