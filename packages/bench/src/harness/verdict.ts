import type { Goal } from '../benchmark.ts'

/** `below`: less than is aimed at, where nothing must be. */
export type Verdict = 'aim' | 'must' | 'below' | 'missed'

/** As far as it is shown: a figure that reads as the goal is the goal. */
export function judge(ratio: number, { must, aim }: Goal): Verdict {
  const shown = Math.round(ratio * 100) / 100
  if (shown >= aim) return 'aim'
  if (must === null) return 'below'
  return shown >= must ? 'must' : 'missed'
}
