import { askRefund, type AskedRefund, type RefundQuestion } from '../../commands/steps/askRefund.ts'
import { refundQueryGate } from '../../commands/steps/refundGate.ts'
import { refundQueryGapMs } from '../../domain/refundLadder.ts'
import { pauseCalls, reserveCall } from '../../storage/callBudgets.ts'
import { findRefundWork, setNextRefundTurn, type RefundTurn } from '../../storage/refundDuties.ts'
import type { TaskContext } from './taskContext.ts'

/** WeChat's pages name no limit (protocol-notes.md, open). A call that has to wait for longer than the horizon is asked again later. */
export const refundQueryBudget = { name: 'wechat-refund-query', perSecond: 50, horizonMs: 500 }

/** After FREQUENCY_LIMITED. WeChat names no time for queries. */
const rateLimitPauseMs = 10_000

const noPlaceGapMs = 2_000

/** Asks WeChat how a refund that it has accepted goes on, until it is over. The next turn is set before the call. */
export async function followRefund(context: TaskContext, turn: RefundTurn): Promise<void> {
  const { payments, databaseNow } = context
  const { db, clock } = payments.store
  const work = await findRefundWork(db, turn.outRefundNo, databaseNow)
  if (!work) return
  const { refund, payment, queries } = work
  const now = clock.now().getTime()
  const ageMs = now - (refund.acceptedAt ?? refund.createdAt).getTime()
  const gapMs = refundQueryGapMs({ status: refund.status, queries: queries + 1, ageMs })
  if (gapMs === null) return
  const hasPlace = (await reserveCall(db, refundQueryBudget, databaseNow)) !== undefined
  const at = new Date(now + (hasPlace ? gapMs : noPlaceGapMs))
  if (!(await setNextRefundTurn(db, 'query', turn, { at, counts: hasPlace })) || !hasPlace) return
  const { outRefundNo, refundId } = refund
  const by = { outRefundNo, ...(refundId !== null && { refundId }) }
  await askWithinBudget(context, { payment, gate: refundQueryGate(payments.wechat, refund), by })
}

export async function askWithinBudget({ payments, databaseNow }: TaskContext, question: RefundQuestion): Promise<AskedRefund> {
  const asked = await askRefund(payments, question)
  if (asked.state === 'unknown' && asked.rateLimited) {
    await pauseCalls(payments.store.db, refundQueryBudget.name, rateLimitPauseMs, databaseNow)
  }
  return asked
}
