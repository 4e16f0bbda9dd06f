import { setTimeout as delay } from 'node:timers/promises'
import { judgeGapMs } from '../domain/bill.ts'
import { claimBillTurns, type BillDuty, type BillTurn } from '../storage/billDuties.ts'
import { claimDiscrepancies } from '../storage/discrepancies.ts'
import { claimOrderEnds } from '../storage/orders.ts'
import { claimTurns, type Duty, type Turn } from '../storage/paymentDuties.ts'
import { claimRefundTurns, type RefundDuty, type RefundTurn } from '../storage/refundDuties.ts'
import { closeExpiredPayment } from './tasks/closeExpiredPayment.ts'
import { expireOrder } from './tasks/expireOrder.ts'
import { fetchBill } from './tasks/fetchBill.ts'
import { followRefund } from './tasks/followRefund.ts'
import { judgeDiscrepancy } from './tasks/judgeDiscrepancy.ts'
import { preparePayment } from './tasks/preparePayment.ts'
import { queryPendingPayment } from './tasks/queryPendingPayment.ts'
import { reconcileBill } from './tasks/reconcileBill.ts'
import { refundSlots, submitRefund } from './tasks/submitRefund.ts'
import type { TaskContext } from './tasks/taskContext.ts'

/** What is done for every order when its time comes. */
export interface TurnKind {
  name:
    | 'prepare-payment'
    | 'query-payment'
    | 'close-payment'
    | 'expire-order'
    | 'submit-refund'
    | 'query-refund'
    | 'fetch-bill'
    | 'reconcile-bill'
    | 'judge-discrepancy'
  /** Turns that are carried out at the same time; most of the time of one is spent waiting for WeChat. */
  hands: number
  everyMs: number
  /** Takes turns that have come; the caller carries them out. */
  claim(context: TaskContext, limit: number): Promise<(() => Promise<void>)[]>
}

/** Longer than a task needs to set the next turn, which it does before it calls WeChat. Whoever dies before that is followed by another then. */
const leaseMs = 30_000

export const turnKinds: readonly TurnKind[] = [
  ofPayments('prepare-payment', 'prepare', preparePayment),
  ofPayments('query-payment', 'query', queryPendingPayment),
  ofPayments('close-payment', 'close', closeExpiredPayment),
  {
    name: 'expire-order',
    hands: 4,
    everyMs: 2_000,
    async claim(context, limit) {
      const { db, clock } = context.payments.store
      const orders = await claimOrderEnds(db, { now: clock.now(), leaseMs, limit })
      return orders.map((order) => () => expireOrder(context, order))
    },
  },
  ofRefunds('submit-refund', { duty: 'submit', task: submitRefund, hands: refundSlots.slots }),
  ofRefunds('query-refund', { duty: 'query', task: followRefund, hands: 8 }),
  ofBills('fetch-bill', 'fetch', fetchBill),
  ofBills('reconcile-bill', 'reconcile', reconcileBill),
  {
    name: 'judge-discrepancy',
    hands: 4,
    everyMs: 2_000,
    async claim(context, limit) {
      const { store, clock, mchId } = context.bills
      const ids = await claimDiscrepancies(store.db, { mchId, now: clock.now(), limit, gapMs: judgeGapMs })
      return ids.map((id) => () => judgeDiscrepancy(context, id))
    },
  },
]

/** Somebody waits for these. */
function ofPayments(name: TurnKind['name'], duty: Duty, task: (context: TaskContext, turn: Turn) => Promise<void>): TurnKind {
  return {
    name,
    hands: 24,
    everyMs: 500,
    async claim(context, limit) {
      const { db, clock } = context.payments.store
      const turns = await claimTurns(db, duty, { now: clock.now(), leaseMs, limit })
      return turns.map((turn) => () => task(context, turn))
    },
  }
}

function ofRefunds(
  name: TurnKind['name'],
  { duty, task, hands }: { duty: RefundDuty; task: (context: TaskContext, turn: RefundTurn) => Promise<void>; hands: number },
): TurnKind {
  return {
    name,
    hands,
    everyMs: 500,
    async claim(context, limit) {
      const { db, clock } = context.payments.store
      const turns = await claimRefundTurns(db, duty, { now: clock.now(), leaseMs, limit })
      return turns.map((turn) => () => task(context, turn))
    },
  }
}

/** One at a time in each process: a bill can be long, and nobody waits for it. */
function ofBills(name: TurnKind['name'], duty: BillDuty, task: (context: TaskContext, turn: BillTurn) => Promise<void>): TurnKind {
  return {
    name,
    hands: 1,
    everyMs: 2_000,
    async claim(context, limit) {
      const { store, clock } = context.bills
      const turns = await claimBillTurns(store.db, duty, { now: clock.now(), leaseMs, limit })
      return turns.map((turn) => () => task(context, turn))
    },
  }
}

/** Carries out the turns that come, in this process; others may do the same beside it. */
export function startTurns(context: TaskContext): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const running = Promise.all(turnKinds.map((kind) => carryOut(context, kind, stopping.signal)))
  return {
    /** Lets what is under way finish, three calls to WeChat at most. */
    async stop() {
      stopping.abort()
      await running
    },
  }
}

async function carryOut(context: TaskContext, kind: TurnKind, stopping: AbortSignal): Promise<void> {
  const underWay = new Set<Promise<void>>()
  while (!stopping.aborted) {
    const claimed = await claimQuietly(context, kind, kind.hands - underWay.size)
    for (const task of claimed) {
      const doing = settle(context, kind, task).finally(() => underWay.delete(doing))
      underWay.add(doing)
    }
    // With all hands full there may be more: it is looked for as soon as one is free.
    if (underWay.size === kind.hands) await Promise.race(underWay)
    else await delay(kind.everyMs, undefined, { signal: stopping }).catch(() => undefined)
  }
  await Promise.all(underWay)
}

async function claimQuietly(context: TaskContext, kind: TurnKind, limit: number): Promise<(() => Promise<void>)[]> {
  try {
    return await kind.claim(context, limit)
  } catch (error) {
    context.logger.warn({ err: error, job: kind.name }, 'could not look for work')
    return []
  }
}

/** Never rejects: a turn that failed comes again when its lease is over. */
async function settle({ logger, countJob }: TaskContext, { name }: TurnKind, task: () => Promise<void>): Promise<void> {
  try {
    await task()
    countJob({ name, outcome: 'done' })
  } catch (error) {
    countJob({ name, outcome: 'failed' })
    logger.error({ err: error, job: name }, 'work for an order failed and will be repeated')
  }
}
