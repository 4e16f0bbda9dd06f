import type { Refund } from './refund.ts'

/** All times of the control side are virtual, RFC 3339. */
const time = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString())

export function presentRefund({ announce, due, acceptedAt, finishedAt, realAcceptedAt: _, realFinishedAt: _finished, ...refund }: Refund) {
  return {
    ...refund,
    noticeUrl: announce?.url ?? null,
    acceptedAt: time(acceptedAt),
    dueAt: time(due?.at ?? null),
    finishedAt: time(finishedAt),
  }
}
