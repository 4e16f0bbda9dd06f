import { normaliseYuanText, parseYuan, type Fen } from 'wxpay-core/money'

export interface AmountLimits {
  minAmountFen: number
  maxAmountFen: number
}

/** WeChat's smallest amount; the largest is the shop's setting, and seven digits are the field's own end until it is known. */
export const widestLimits: AmountLimits = { minAmountFen: 1, maxAmountFen: 999_999_999 }

export type AmountProblem = 'empty' | 'not-a-number' | 'too-many-decimals' | 'below-min' | 'above-max'

export type ReadAmount = { ok: true; amount: Fen } | { ok: false; problem: AmountProblem }

/** What was typed, as an amount that may be paid. */
export function readAmount(text: string, limits: AmountLimits): ReadAmount {
  const parsed = parseYuan(text)
  if (!parsed.ok) return { ok: false, problem: parsed.problem === 'too-many-digits' ? 'above-max' : parsed.problem }
  if (parsed.amount > limits.maxAmountFen) return { ok: false, problem: 'above-max' }
  if (parsed.amount < limits.minAmountFen) return { ok: false, problem: 'below-min' }
  return parsed
}

/** The text to keep in the field while it is typed: full-width characters and signs mapped, leading zeros collapsed. */
export function tidyAmountText(text: string): string {
  return normaliseYuanText(text)
    .replace(/^0+(?=\d)/, '')
    .replace(/^\./, '0.')
}

/** In the order of a till's keypad. */
export const keypadKeys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '0', 'delete'] as const
export type KeypadKey = (typeof keypadKeys)[number]

/** The text after a key of the on-screen keypad. A key that cannot be meant changes nothing and is said to be refused. */
export function pressKey(text: string, key: KeypadKey): { text: string; refused: AmountProblem | null } {
  if (key === 'delete') return { text: text.slice(0, -1), refused: null }
  const typed = tidyAmountText(text + key)
  const parsed = parseYuan(typed)
  if (parsed.ok) return { text: typed, refused: null }
  return { text, refused: parsed.problem === 'too-many-digits' ? 'above-max' : parsed.problem }
}

/** The keypad's key for a key of a keyboard, by its `KeyboardEvent.key`; null for every other. */
export function keypadKeyOf(name: string): KeypadKey | null {
  if (name === 'Backspace') return 'delete'
  return keypadKeys.find((key) => key === name) ?? null
}
