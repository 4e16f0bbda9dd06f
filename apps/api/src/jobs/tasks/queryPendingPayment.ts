import { closeAtWechat } from '../../commands/steps/closeAtWechat.ts'
import { nextQueryAt } from '../../domain/queryLadder.ts'
import { reserveCall } from '../../storage/callBudgets.ts'
import { findQueryDuty, noteQuery, setNextTurn, type QueryDuty, type Turn } from '../../storage/paymentDuties.ts'
import { findPayment } from '../../storage/payments.ts'
import { askWithinQueryBudget, queryBudget } from './queryBudget.ts'
import type { TaskContext } from './taskContext.ts'

/** A query that is due this soon is made now. */
const slackMs = 500

/** How far ahead queries are reserved in the budget. When all of it is taken, a payment asks for a place again after this long. */
const horizonMs = 30_000

/**
 * Asks WeChat about a pending payment whose notice has not come, on the ladder of rule R16. The next turn is set
 * before the call, so that the ladder goes on whatever happens to this process.
 */
export async function queryPendingPayment(context: TaskContext, job: Turn): Promise<void> {
  const { outTradeNo, reserved = false } = job
  const { payments } = context
  const { store } = payments
  const now = store.clock.now()
  const duty = await findQueryDuty(store.db, outTradeNo, now)
  if (duty?.status !== 'pending' || duty.unsettled) return
  const turn = await planTurn(context, duty, { now, reserved })
  if (!(await takeTurn(context, job, { now, ...turn })) || !turn.askNow) return
  const payment = await findPayment(store.db, outTradeNo)
  if (!payment) return
  const asked = await askWithinQueryBudget(context, payment, 'query')
  if (asked.state === 'closed') await closeAtWechat(payments, outTradeNo, { reason: 'expired', source: 'query' })
}

interface Plan {
  askNow: boolean
  nextAt: Date
  /** The budget has a call for that turn: whoever comes then must not stand in line again. */
  reserved?: boolean
}

async function planTurn(
  { payments, queriesPerSecond }: TaskContext,
  { history, watched }: QueryDuty,
  { now, reserved }: { now: Date; reserved: boolean },
): Promise<Plan> {
  const dueAt = nextQueryAt(history, watched)
  if (dueAt.getTime() - now.getTime() > slackMs) return { askNow: false, nextAt: dueAt }
  if (!reserved) {
    const waitMs = await reserveCall(payments.store.db, { name: queryBudget, perSecond: queriesPerSecond, horizonMs })
    if (waitMs === undefined) return { askNow: false, nextAt: new Date(now.getTime() + horizonMs) }
    if (waitMs > slackMs) return { askNow: false, nextAt: new Date(now.getTime() + waitMs), reserved: true }
  }
  return { askNow: true, nextAt: nextQueryAt({ ...history, lastQueriedAt: now, queries: history.queries + 1 }, watched) }
}

/** @returns false when somebody else has taken the turn of this payment */
async function takeTurn(
  { payments }: TaskContext,
  job: Turn,
  { now, nextAt, askNow, reserved = false }: Plan & { now: Date },
): Promise<boolean> {
  return payments.store.db.transaction().execute(async (tx) => {
    if (!(await setNextTurn(tx, 'query', job, { now, at: nextAt, reserved }))) return false
    if (askNow) await noteQuery(tx, job.outTradeNo, now)
    return true
  })
}
