/** Chance from a seed: the same seed gives the same draws. */
export interface Chance {
  /** From 0 up to, not including, 1. */
  next(): number
  /** From least to most, both included. */
  whole(least: number, most: number): number
  happens(probability: number): boolean
  pick<T>(items: readonly [T, ...T[]]): T
}

/** mulberry32. */
export function seeded(seed: number): Chance {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return { next, whole, happens: (probability) => next() < probability, pick: (items) => items[whole(0, items.length - 1)] ?? items[0] }
}
