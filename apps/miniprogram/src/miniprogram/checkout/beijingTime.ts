/** Beijing has kept UTC+8 without summer time since 1991. */
const offsetMs = 8 * 3_600_000

/**
 * "2026-11-21 10:56:14" on a clock in Beijing, wherever the payer is. By hand: phones differ in what Intl knows.
 *
 * @param at - RFC 3339
 */
export function formatBeijingTime(at: string): string {
  const moment = Date.parse(at)
  if (Number.isNaN(moment)) return at
  return new Date(moment + offsetMs).toISOString().slice(0, 19).replace('T', ' ')
}
