import { sql } from 'kysely'
import type { Clock } from '../support/clock.ts'
import { postingsOf, type Posting } from '../domain/ledger.ts'
import type { Checkout, Order } from '../domain/order.ts'
import type { Payment } from '../domain/payment.ts'
import type { Refund } from '../domain/refund.ts'
import type { Database, Tx } from './database.ts'
import { insertionOfEvents, type NewEvent } from './events.ts'
import type { Enqueue } from './jobQueue.ts'
import { insertionOfPostings } from './ledger.ts'
import { insertionOfNotice, type ReceivedNotice } from './notices.ts'
import { lockOrder, setOrderEnd, updateOrder, type OrderKey } from './orders.ts'
import { moveTurn, type Duty } from './paymentDuties.ts'
import { lockPaymentsOf, updatePayment } from './payments.ts'
import type { JobRequest } from './queues.ts'
import { findRefundsOf, insertRefund, updateRefund, type NewRefund, type RefundChange } from './refunds.ts'
import { collectWrites, type Writes } from './writes.ts'

/** Every process that keeps pages waiting listens here; the payload is the order's token. */
export const changeChannel = 'checkout_changed'

export interface OrderStore {
  db: Database
  enqueue: Enqueue
  clock: Clock
  /** Called after the commit, in this process; the others hear of it by NOTIFY. */
  onChanged: (token: string) => void
}

/** What is to be written about an order. Objects that are the ones that were read are left alone. */
export interface OrderChange<Result> {
  order?: Order
  payments?: readonly Payment[]
  refunds?: readonly RefundChange[]
  newRefunds?: readonly NewRefund[]
  /** Something visible changed beside order and payments, such as a new payment. */
  visible?: boolean
  events?: readonly NewEvent[]
  /** The notice that says so, to be kept with it. */
  notice?: ReceivedNotice
  /** Next turns, unless sooner ones are set. */
  turns?: readonly { outTradeNo: string; duty: Duty; at: Date }[]
  /** When the order is to end unless somebody tries to pay it again; null: not before another end is set. */
  endsAt?: Date | null
  jobs?: readonly JobRequest[]
  result: Result
}

export interface Changed<Result> {
  result: Result
  checkout: Checkout
  /** Those that are new. */
  newRefunds: readonly Refund[]
}

/**
 * The one way in which an order changes (rules R6, R11): lock the order, then its payments; read its refunds under the same lock; decide;
 * write what changed, with the notice that said so, the events, what they move in the ledger and word for the waiting pages; set the turns,
 * put the jobs. All or nothing.
 *
 * @param decide - reads and inserts through `tx` only; must not call WeChat
 * @returns undefined when there is no such order; nothing was done then
 */
export async function changeOrder<Result>(
  { db, enqueue, clock, onChanged }: OrderStore,
  key: OrderKey,
  decide: (checkout: Checkout, tx: Tx) => OrderChange<Result> | Promise<OrderChange<Result>>,
): Promise<Changed<Result> | undefined> {
  const written = await db.transaction().execute(async (tx) => {
    const order = await lockOrder(tx, key)
    if (!order) return undefined
    const payments = await lockPaymentsOf(tx, order.id)
    const refunds = await readRefunds(tx, payments)
    const change = await decide({ order, payments, refunds }, tx)
    const at = clock.now()
    const writes = collectWrites(tx)
    const changedPayments = writePayments(writes, payments, change.payments ?? [])
    const { changedRefunds, newRefunds } = await writeRefunds(writes, change)
    const changes = changedPayments + changedRefunds + newRefunds.length
    const visible = change.visible === true || changes > 0 || (change.order !== undefined && change.order !== order)
    const after = visible ? updateOrder(writes, order, change.order ?? order) : order
    const nowRefunds = [...(change.refunds ?? []).map((refund) => refund.after), ...newRefunds]
    const checkout = { order: after, payments: merge(payments, change.payments ?? []), refunds: merge(refunds, nowRefunds) }
    const postings = postingsOf({
      before: { order, payments, refunds },
      after: checkout,
      refunds: transitionsOf(change.refunds ?? [], newRefunds),
    })
    appendHistory(writes, order.id, { change, postings, at })
    if (visible) writes.call(sql`pg_notify(${changeChannel}, ${order.token})`)
    await writes.send()
    for (const turn of change.turns ?? []) await moveTurn(tx, turn)
    if (change.endsAt !== undefined) await setOrderEnd(tx, order.id, change.endsAt)
    await enqueue(tx, change.jobs ?? [])
    return { changed: { result: change.result, checkout, newRefunds }, visible }
  })
  if (written?.visible) onChanged(written.changed.checkout.order.token)
  return written?.changed
}

function writePayments(writes: Writes, before: readonly Payment[], after: readonly Payment[]): number {
  let changed = 0
  for (const payment of after) {
    const was = before.find(({ id }) => id === payment.id)
    if (!was || was === payment) continue
    updatePayment(writes, was, payment)
    changed += 1
  }
  return changed
}

/** New ones after the payments: what a refund holds is reserved on its payment first, under the CHECK of rule R18. */
async function writeRefunds(
  writes: Writes,
  { refunds = [], newRefunds = [] }: Pick<OrderChange<unknown>, 'refunds' | 'newRefunds'>,
): Promise<{ changedRefunds: number; newRefunds: Refund[] }> {
  const changed = refunds.filter(({ before, after }) => before !== after)
  for (const refund of changed) updateRefund(writes, refund)
  if (newRefunds.length > 0) await writes.send()
  const inserted: Refund[] = []
  for (const refund of newRefunds) inserted.push(await insertRefund(writes.tx, refund))
  return { changedRefunds: changed.length, newRefunds: inserted }
}

function appendHistory(
  writes: Writes,
  orderId: string,
  { change, postings, at }: { change: Pick<OrderChange<unknown>, 'notice' | 'events'>; postings: readonly Posting[]; at: Date },
): void {
  const { tx } = writes
  const { notice, events = [] } = change
  if (notice) writes.add(insertionOfNotice(tx, notice, at))
  if (events.length > 0) writes.add(insertionOfEvents(tx, orderId, events, at))
  if (postings.length > 0) writes.add(insertionOfPostings(tx, { orderId }, postings, at))
}

/** Only what was paid is refunded: a notice of the first payment does not look for any. */
async function readRefunds(tx: Tx, payments: readonly Payment[]): Promise<Refund[]> {
  return findRefundsOf(
    tx,
    payments.filter(({ status }) => status === 'paid').map(({ id }) => id),
  )
}

function transitionsOf(changed: readonly RefundChange[], inserted: readonly Refund[]): { before: Refund | null; after: Refund }[] {
  return [...changed, ...inserted.map((after) => ({ before: null, after }))]
}

/** As they are after the change; one that is new stands at the end, because ids rise. */
function merge<Thing extends { readonly id: string }>(before: readonly Thing[], after: readonly Thing[]): Thing[] {
  const byId = new Map([...before, ...after].map((thing) => [thing.id, thing]))
  return [...byId.values()]
}
