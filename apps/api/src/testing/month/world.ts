import { z } from 'zod'
import type { DiscrepancyClass } from '../../domain/reconcile.ts'
import type { Agenda } from './agenda.ts'
import type { Chance } from './chance.ts'
import type { Fault } from './faultLists.ts'
import type { Stage } from './stage.ts'

/** A difference that has to be found. `number` null: the mock makes one up. */
export interface Expected {
  day: string
  class: DiscrepancyClass
  number: string | null
}

/** Everything that the actors of the month share: what is going on, and what was done to whom. */
export interface World {
  stage: Stage
  chance: Chance
  agenda: Agenda
  /** Payments whose notices and queries are lost until the bill. */
  lost: Set<string>
  /** Payments whose only notice named another amount. */
  mismatched: Set<string>
  expected: Expected[]
  /** Refunds that a bill will be the first to tell of, by the day of the bill, until that has come. */
  unheard: Map<string, string[]>
  /** Bills that must have been set aside, by day and code. */
  aside: { day: string; code: string }[]
  /** What the faults of the bills keep from our balance, in fen: each is an open difference. */
  keptFen: number
  /** How often which fault was ordered. */
  faults: Map<string, number>
}

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

/** Orders a fault of the mock, once unless it says otherwise. */
export async function strike(world: World, on: string, fault: Fault, about: object = {}): Promise<void> {
  const name = `${on} ${fault.kind}`
  world.faults.set(name, (world.faults.get(name) ?? 0) + 1)
  await world.stage.mock.order('POST', 'faults', { on, ...fault, times: fault.times ?? 1, ...about })
}

/** For as long as nobody takes all faults away. */
export async function loseEverythingAbout(world: World, outTradeNo: string): Promise<void> {
  world.faults.set('notice drop for ever', world.lost.size)
  await world.stage.mock.order('POST', 'faults', { on: 'notice', kind: 'drop', outTradeNo })
  await world.stage.mock.order('POST', 'faults', { on: 'query', kind: 'http-500', outTradeNo })
}

const OurPayment = z.object({
  outTradeNo: z.string(),
  protocol: z.enum(['v2', 'v3']),
  status: z.string(),
  totalFen: z.int(),
  reservedFen: z.int(),
  anomalies: z.array(z.string()),
  paidAt: z.date().nullable(),
  orderStatus: z.string(),
  refunds: z.int(),
})
export type OurPayment = z.infer<typeof OurPayment>

/** Of our books, in the order in which they were begun. */
export async function ourPayments({ stage }: World, where = 'true'): Promise<OurPayment[]> {
  const rows = await stage.shop.sql(
    `SELECT p.out_trade_no AS "outTradeNo", p.protocol, p.status, p.total_fen::integer AS "totalFen", p.reserved_refund_fen::integer AS "reservedFen",
       p.anomalies, p.paid_at AS "paidAt", o.status AS "orderStatus", (SELECT count(*)::integer FROM refunds f WHERE f.payment_id = p.id) AS refunds
     FROM payments p JOIN orders o ON o.id = p.order_id WHERE ${where} ORDER BY p.id`,
  )
  return rows.map((row) => OurPayment.parse(row))
}
