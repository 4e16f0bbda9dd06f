import { changeOrder } from '../../storage/changeOrder.ts'
import { hasRefundEvent } from '../../storage/events.ts'
import { refundAtWechat, type Attempted } from '../../commands/steps/refundAtWechat.ts'
import { refundGate, type RefundingGate } from '../../commands/steps/refundGate.ts'
import { fundsGapMs, refundRetryGapMs } from '../../domain/refundLadder.ts'
import { pauseCalls } from '../../storage/callBudgets.ts'
import { freeSlot, pauseOf, takeSlot, type CallSlots } from '../../storage/callSlots.ts'
import {
  claimPaymentGap,
  findRefundWork,
  setNextRefundTurn,
  paymentGapMs,
  type RefundTurn,
  type RefundWork,
} from '../../storage/refundDuties.ts'
import type { TaskContext } from './taskContext.ts'

/**
 * WeChat: 150 refunds a second, and 6 that fail (protocol-notes.md). Five at a time, each slot for 50 ms at least and for a second after a
 * failure: 100 a second at most, of them 5 that fail.
 */
export const refundSlots: CallSlots = { name: 'wechat-refund', slots: 5, leastMs: 50, afterFailureMs: 1_000, leaseMs: 30_000 }

/** WeChat names one minute for the worse of its two answers, and refuses refunds of old payments by the minute. */
const rateLimitPauseMs = 60_000

/** Three calls of at most 8 s, and some more: nobody else begins before. */
const longestMs = 30_000

/** Words that do not fit are a person's work; whether they still do not is looked at now and then. */
const mismatchGapMs = 6 * 3_600_000

/** No settings allow a refund: they do after a restart at the earliest. */
const noSettingsGapMs = 600_000

/** Submits a refund within WeChat's limits over all processes (rule R19). The next turn is set before the call. */
export async function submitRefund(context: TaskContext, turn: RefundTurn): Promise<void> {
  const { payments, databaseNow } = context
  const { db } = payments.store
  const work = await findRefundWork(db, turn.outRefundNo, databaseNow)
  if (work?.refund.status !== 'submitting' || !work.request) return
  const gate = refundGate(payments.wechat, work.refund)
  if (!gate) return waitForSettings(context, work, turn)
  if (work.gapMs > 0) return putOff(context, turn, work.gapMs)
  const taken = await takeSlot(db, refundSlots, databaseNow)
  if (taken.state === 'none-free') return putOff(context, turn, taken.waitMs)
  let outcome: 'good' | 'failed' | 'unused' = 'failed'
  try {
    const mine = await beginTry(context, work, turn)
    const attempted = mine ? await attempt(context, { work, gate, turn: mine }) : 'none'
    outcome = attempted === 'none' ? 'unused' : attempted
  } finally {
    await freeSlot(db, taken.slot, { kind: refundSlots, outcome }, databaseNow)
  }
}

/** @returns the turn as it stands now; undefined when somebody else has it, or another refund of the payment was quicker */
async function beginTry(
  { payments, databaseNow }: TaskContext,
  { refund, tries }: RefundWork,
  turn: RefundTurn,
): Promise<RefundTurn | undefined> {
  const now = payments.store.clock.now().getTime()
  const { paymentId, outRefundNo } = refund
  return payments.store.db.transaction().execute(async (tx) => {
    if (!(await claimPaymentGap(tx, { paymentId, outRefundNo }, databaseNow))) {
      await setNextRefundTurn(tx, 'submit', turn, { at: new Date(now + paymentGapMs), counts: false })
      return undefined
    }
    const at = new Date(now + Math.max(longestMs, refundRetryGapMs(tries + 1)))
    return (await setNextRefundTurn(tx, 'submit', turn, { at, counts: true })) ? { outRefundNo, turn: at } : undefined
  })
}

async function attempt(
  context: TaskContext,
  { work, gate, turn }: { work: RefundWork; gate: RefundingGate; turn: RefundTurn },
): Promise<Attempted['call']> {
  const { payments, databaseNow } = context
  const { refund, payment, request, tries } = work
  if (!request) throw new TypeError(`refund ${refund.outRefundNo} has no request`)
  const { call, next } = await refundAtWechat(payments, { refund, payment, request, gate, triedBefore: tries > 0 })
  if (next === 'rate-limited') await pauseCalls(payments.store.db, pauseOf(refundSlots), rateLimitPauseMs, databaseNow)
  await putOff(context, turn, gapMs(next, tries + 1))
  return call
}

function gapMs(next: Attempted['next'], tries: number): number {
  switch (next) {
    case 'soon':
      return refundRetryGapMs(tries)
    case 'rate-limited':
      return Math.max(rateLimitPauseMs, refundRetryGapMs(tries))
    case 'funds':
      return fundsGapMs(tries)
    case 'mismatch':
      return mismatchGapMs
  }
}

async function putOff({ payments }: TaskContext, turn: RefundTurn, ms: number): Promise<void> {
  const at = new Date(payments.store.clock.now().getTime() + ms)
  await setNextRefundTurn(payments.store.db, 'submit', turn, { at, counts: false })
}

/** Told once: at the first try that could not be made. */
async function waitForSettings(context: TaskContext, { refund, payment }: RefundWork, turn: RefundTurn): Promise<void> {
  const { store, alarms } = context.payments
  const { outRefundNo, refundFen } = refund
  const { outTradeNo } = payment
  await putOff(context, turn, noSettingsGapMs)
  const changed = await changeOrder(store, { outTradeNo }, async (_checkout, tx) => {
    const type = 'refund.waiting_for_settings'
    if (await hasRefundEvent(tx, { orderId: payment.orderId, type, outRefundNo })) return { result: false }
    return { events: [{ type, source: 'clock', paymentId: payment.id, data: { outRefundNo, refundFen } }], result: true }
  })
  if (changed?.result) alarms.anomaly('refunds-not-enabled', { outTradeNo, outRefundNo })
}
