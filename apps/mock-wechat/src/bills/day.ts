import { formatBeijing, parseBeijing } from '../support/beijing.ts'

/** One day in Beijing: what a bill is about. Milliseconds, the end not included. */
export interface BillDay {
  /** yyyy-MM-dd */
  date: string
  startAt: number
  endAt: number
}

const dayMs = 86_400_000
/** "微信在次日9点启动生成前一天的对账单": https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_6 */
const readyAfterMs = 9 * 3_600_000
/** "账单查询时间范围为三个月": the same page. */
const monthsKept = 3

/** @param text - yyyy-MM-dd as in v3, or yyyyMMdd as in v2. @returns undefined when it is no date */
export function readDay(text: string): BillDay | undefined {
  const digits = /^\d{4}-\d\d-\d\d$/.test(text) ? text.replaceAll('-', '') : text
  const startAt = /^\d{8}$/.test(digits) ? parseBeijing(`${digits}000000`) : undefined
  return startAt === undefined ? undefined : dayFrom(startAt)
}

export function dayOf(atMs: number): BillDay {
  return dayFrom(parseBeijing(`${formatBeijing(atMs).slice(0, 8)}000000`) ?? 0)
}

function dayFrom(startAt: number): BillDay {
  const date = formatBeijing(startAt).replace(/^(....)(..)(..).*$/, '$1-$2-$3')
  return { date, startAt, endAt: startAt + dayMs }
}

/** When the bill of a day is made: whatever it says of a refund is what was known then. */
export const readyAt = (day: BillDay): number => day.endAt + readyAfterMs

/** `refused`: today, the future, or longer ago than WeChat keeps bills. @param now - virtual milliseconds */
export function standingOf(day: BillDay, now: number): 'ready' | 'creating' | 'refused' {
  const today = dayOf(now)
  if (day.startAt >= today.startAt || day.date < monthsBefore(today.date)) return 'refused'
  return now < readyAt(day) ? 'creating' : 'ready'
}

/** The same day three months ago, or the last one of that month when it has no such day. */
function monthsBefore(date: string): string {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  const lastDay = new Date(Date.UTC(year, month - monthsKept, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 - monthsKept, Math.min(day, lastDay))).toISOString().slice(0, 10)
}
