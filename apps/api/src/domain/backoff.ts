/** 1 s, 2 s, 4 s … up to a minute. */
export function backoffMs(tries: number): number {
  return Math.min(1_000 * 2 ** Math.min(tries, 6), 60_000)
}
