import type { Refund } from './refund.ts'

interface Paid {
  totalFen: number
  couponFen: number
}

/**
 * How much of a refund goes back into the coupon, in fen: the payer receives refund × payer_total ÷ total, rounded;
 * whatever refund takes the last fen of the trade takes what is left of both.
 *
 * @param earlier - refunds of the same trade; closed ones do not count
 */
export function couponShareFen(
  { totalFen, couponFen }: Paid,
  earlier: readonly Pick<Refund, 'status' | 'refundFen' | 'couponFen'>[],
  refundFen: number,
): number {
  const taken = earlier.filter(({ status }) => status !== 'CLOSED')
  const couponLeftFen = couponFen - sum(taken.map((refund) => refund.couponFen))
  const leftFen = totalFen - sum(taken.map((refund) => refund.refundFen))
  const cashLeftFen = leftFen - couponLeftFen
  const cashFen = Math.round((refundFen * (totalFen - couponFen)) / totalFen)
  // Rounding may have favoured one side before: neither gives more than it has.
  return Math.min(Math.max(refundFen - cashFen, refundFen - cashLeftFen), couponLeftFen)
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
