const delaysMs = [1_000, 2_000, 3_000, 5_000]
const lastDelayMs = 5_000
/** ± 20 %, so that phones which lost the server together do not come back together. */
const jitter = 0.2

/**
 * How long to wait after the given number of failures in a row: 1, 2, 3, 5, 5 … seconds, ± 20 %; a server that asked for longer is obeyed.
 *
 * @param failures - 1 after the first
 * @param random - in [0, 1)
 */
export function backOffMs(failures: number, random: number, retryAfterMs: number | null = null): number {
  const delay = delaysMs[failures - 1] ?? lastDelayMs
  return Math.max(Math.round(delay * (1 - jitter + 2 * jitter * random)), retryAfterMs ?? 0)
}
