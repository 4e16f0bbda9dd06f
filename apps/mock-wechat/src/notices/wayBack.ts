import type { Struck } from '../faults/faults.ts'
import { ladderMs } from './ladder.ts'
import type { Notice } from './notice.ts'

export interface WayBack {
  /** Virtual milliseconds: at the latest then it leaves. */
  ms: number
  /** Leaves as soon as such a notice was tried. */
  after?: (by: Notice) => boolean
}

const dayMs = 86_400_000

/** How far faults put a notice back; undefined when it leaves now. @param othersWait - one is overtaken at a time */
export function wayBack(notice: Notice, struck: readonly Struck[], othersWait: boolean): WayBack | undefined {
  const has = (kind: Struck['kind']) => struck.some((fault) => fault.kind === kind)
  const late = struck.find(({ kind }) => kind === 'late')
  if (has('after-refund'))
    return { ms: dayMs, after: (by) => by.kind === 'refund' && by.mchid === notice.mchid && by.outTradeNo === notice.outTradeNo }
  if (has('out-of-order') && !othersWait) return { ms: late?.ms ?? ladderMs[0] ?? 0, after: () => true }
  return late && { ms: late.ms ?? 0 }
}
