import { z } from 'zod'
import type { World } from './world.ts'

const Event = z.object({
  order_id: z.string().nullable(),
  payment_id: z.string().nullable(),
  type: z.string(),
  data: z.object({ outRefundNo: z.string().nullish() }).loose(),
})
type Event = z.infer<typeof Event>

interface States {
  orders: Map<string, string>
  payments: Map<string, string>
  refunds: Map<string, string>
}

/** Goes through the events from the first to the last, knowing nothing else (rule R13). */
export async function replay({ stage }: World): Promise<States> {
  const states: States = { orders: new Map(), payments: new Map(), refunds: new Map() }
  for (const row of await stage.shop.sql('SELECT order_id, payment_id, type, data FROM events ORDER BY id')) {
    const event = Event.parse(row)
    const { order_id: order, payment_id: payment, data } = event
    if (order !== null) follow(states.orders, order, ofOrders, event)
    if (payment !== null) follow(states.payments, payment, ofPayments, event)
    if (data.outRefundNo) follow(states.refunds, data.outRefundNo, ofRefunds, event)
  }
  return states
}

export async function readStates({ stage }: World): Promise<States> {
  const read = async (text: string) =>
    new Map((await stage.shop.sql(text)).map(({ name, status }): [string, string] => [String(name), String(status)]))
  return {
    orders: await read('SELECT id::text AS name, status FROM orders'),
    payments: await read('SELECT id::text AS name, status FROM payments'),
    refunds: await read('SELECT out_refund_no AS name, status FROM refunds'),
  }
}

function follow(states: Map<string, string>, name: string, by: Readonly<Record<string, string>>, { type }: Event): void {
  const after = by[type]
  // Money that WeChat has stops a close under way; what was closed stays so until it is paid.
  const stays = type === 'payment.confirming' && states.get(name) === 'closed'
  if (after !== undefined && !stays) states.set(name, after)
}

const ofOrders = { 'order.opened': 'unpaid', 'order.paid': 'paid', 'order.closed': 'closed' }

const ofPayments = {
  'order.opened': 'preparing',
  'payment.started': 'preparing',
  'payment.pending': 'pending',
  'payment.closing': 'closing',
  'payment.closed': 'closed',
  'payment.paid': 'paid',
  'payment.paid_late': 'paid',
  'payment.confirming': 'pending',
  'payment.refused': 'refused',
}

const ofRefunds = {
  'refund.requested': 'submitting',
  'refund.accepted': 'processing',
  'refund.succeeded': 'success',
  'refund.closed': 'closed',
  'refund.needs_attention': 'needs-attention',
  'refund.refused': 'refused',
}
