/** What WeChat keeps of a payment, in hundredths of a percent: 60 is 0.60%. */
export type FeeRate = number

/** Rounded to whole fen, half a fen up: 29.90 yuan at 0.60% are 0.18. */
export const feeOf = (fen: number, rate: FeeRate): number => Math.round((fen * rate) / 10_000)

export interface RefundShare {
  totalFen: number
  /** What was kept of the whole payment. */
  feeFen: number
  /** What had been refunded of it before. */
  earlierFen: number
  refundFen: number
}

/**
 * The fee that comes back with a refund, pro rata. Each takes what all so far deserve, less what came back before:
 * many small refunds that add up to the payment give back its fee, not a fen more or less.
 */
export const feeBackOf = ({ totalFen, feeFen, earlierFen, refundFen }: RefundShare): number =>
  share(feeFen, earlierFen + refundFen, totalFen) - share(feeFen, earlierFen, totalFen)

const share = (feeFen: number, partFen: number, totalFen: number) => Math.round((feeFen * partFen) / totalFen)

/** "0.60%" */
export const rateText = (rate: FeeRate): string => `${(rate / 100).toFixed(2)}%`
