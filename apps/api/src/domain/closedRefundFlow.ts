/** A closed refund on the day of a fund-flow bill. Thousandths of a fen, as bills have them; what left the account is below zero. */
export interface ClosedRefund {
  refundFen: number
  /** The share of the fee that came back with it, by its row in a trade bill: below zero; 0 when it had closed before that bill was made. */
  billedFeeMilliFen: number | null
  /** Its payment in a trade bill. */
  payment: { totalFen: number; feeMilliFen: number } | null
  /** The trade bill of this very day has its row. */
  isOfThisDay: boolean
  /** It was known as closed before the day was over: what it took is back. */
  isOver: boolean
  /** By the fund-flow bills of other days; null when none of them tells. */
  movedBeforeMilliFen: number | null
  movedMilliFen: number
}

/** A part of a payment gives back its part of the fee, which WeChat rounds as it likes. */
const roundingMilliFen = 1_000

/**
 * What such a refund should have moved on this day: what it took comes back, on the same day or a later one. @returns what it has moved, when
 * that can be so
 */
export function dueMoveOf(refund: ClosedRefund): number {
  const { isOfThisDay, isOver, movedBeforeMilliFen, movedMilliFen } = refund
  const took = tookOf(refund)
  const mayBe = (milliFen: number) => milliFen >= took.least && milliFen <= took.most
  const before = movedBeforeMilliFen ?? (isOfThisDay ? 0 : null)
  // It left on a day whose bill we do not have, and came back on that day, on this one, or on another.
  if (before === null) return movedMilliFen === 0 || mayBe(movedMilliFen) ? movedMilliFen : took.most
  const isStillAway = !isOver && mayBe(-(before + movedMilliFen))
  return isStillAway ? movedMilliFen : 0 - before
}

/** Its amount less its share of the fee. */
function tookOf({ refundFen, billedFeeMilliFen, payment }: ClosedRefund): { least: number; most: number } {
  const whole = refundFen * 1_000
  if (billedFeeMilliFen !== null && billedFeeMilliFen !== 0) return { least: whole + billedFeeMilliFen, most: whole + billedFeeMilliFen }
  if (payment === null || payment.totalFen === 0) return { least: 0, most: whole }
  const share = Math.round((payment.feeMilliFen * refundFen) / payment.totalFen / 1_000) * 1_000
  return { least: whole - share - roundingMilliFen, most: Math.min(whole, whole - share + roundingMilliFen) }
}
