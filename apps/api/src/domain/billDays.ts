import { beijingDay, beijingDayBounds, dayAfter } from './beijingDay.ts'
import { BillDayNotOverError, BillTooOldError } from './billErrors.ts'

const dayMs = 86_400_000

/** WeChat has the bill of a day from 09:00 of the next on, and asks to come after 10:00. */
export function billReadyAt(billDate: string): Date {
  return new Date(beijingDayBounds(billDate).to.getTime() + 10 * 3_600_000)
}

/** How long WeChat keeps bills: three months back, counted short. @see https://pay.weixin.qq.com/doc/v3/merchant/4012791875 */
const billDaysKept = 90

/** A service that was away fetches what it has missed, as far back as this; older bills are asked for by a person. */
const daysBack = 7

/**
 * The Beijing days whose bills are fetched by themselves: over, past ten o'clock of the next one, and not before anything was sold.
 *
 * @param since - when the first payment was begun
 */
export function plannedDays(now: Date, since: Date): string[] {
  const first = new Date(Math.max(since.getTime() - boundaryMs, now.getTime() - daysBack * dayMs))
  const days: string[] = []
  for (let day = beijingDay(first); billReadyAt(day) <= now; day = dayAfter(day)) days.push(day)
  return days
}

/**
 * Whether a bill may be asked for.
 *
 * @throws {BillDayNotOverError} @throws {BillTooOldError}
 */
export function checkBillDay(billDate: string, now: Date): void {
  if (billDate >= beijingDay(now)) throw new BillDayNotOverError(`${billDate} is not over in Beijing`)
  if (!isObtainable(billDate, now)) throw new BillTooOldError(`WeChat keeps bills for three months, and ${billDate} is before that`)
}

/** WeChat still has it. */
export function isObtainable(billDate: string, now: Date): boolean {
  return now.getTime() - beijingDayBounds(billDate).to.getTime() <= billDaysKept * dayMs
}

/** A bill that was set aside is fetched once more by itself, a day after it could be fetched first. */
export function secondTryAt(billDate: string): Date {
  return new Date(billReadyAt(billDate).getTime() + dayMs)
}

/** What happens this near to midnight may stand in the bill of the neighbouring day. */
export const boundaryMs = 2 * 3_600_000

/** All days of a stretch of time. */
function daysBetween(from: Date, to: Date): string[] {
  const days: string[] = []
  const last = beijingDay(to)
  for (let day = beijingDay(from); day <= last; day = dayAfter(day)) days.push(day)
  return days
}

/** The days whose bills may have a payment: only when none of them has it, it is missing. */
export function daysOfPayment(paidAt: Date): string[] {
  return daysBetween(shifted(paidAt, -boundaryMs), shifted(paidAt, boundaryMs))
}

/** How long before we heard of it WeChat may have accepted a refund. */
export const refundLagMs = 7 * dayMs

/**
 * The same of a refund. WeChat's time of accepting it is not told: it lies between our first call and its answer; of one that was begun at
 * WeChat, somewhere before we heard of it and after the payment.
 */
export function daysOfRefund(refund: { begunAtWechat: boolean; createdAt: Date; acceptedAt: Date; paidAt: Date }): string[] {
  const { begunAtWechat, createdAt, acceptedAt, paidAt } = refund
  const earliest = Math.max((begunAtWechat ? paidAt : createdAt).getTime(), acceptedAt.getTime() - refundLagMs)
  return daysBetween(shifted(new Date(earliest), -boundaryMs), shifted(acceptedAt, boundaryMs))
}

function shifted(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms)
}
