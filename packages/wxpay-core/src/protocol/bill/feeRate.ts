import { readScaled } from './billNumbers.ts'

/**
 * The rate of a fee as a bill writes it, "0.60%", in millionths: 6000.
 *
 * @returns null where it names none that can be read: what is not known is not compared
 */
export function readRatePpm(text: string): number | null {
  if (!text.endsWith('%')) return null
  const bytes = Buffer.from(text.slice(0, -1))
  const ppm = readScaled(bytes, 0, bytes.length, 4)
  return Number.isNaN(ppm) || ppm < 0 || ppm > 1_000_000 ? null : ppm
}
