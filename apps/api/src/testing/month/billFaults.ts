import type { Protocol } from 'wxpay-core/protocol'
import { requestBill } from '../../commands/requestBill.ts'
import { boundaryMs } from '../../domain/billDays.ts'
import { beijingDayBounds } from '../../domain/beijingDay.ts'
import type { DiscrepancyClass } from '../../domain/reconcile.ts'
import type { Chance } from './chance.ts'
import type { MockBillRow } from './ledgerOfMock.ts'
import { strike, type World } from './world.ts'

/** What is wrong with the bills of a day. */
export interface BillFault {
  on: 'trade-bill' | 'fund-flow-bill' | 'bill-download'
  kind: string
  /** Which row is struck, when it is one. */
  row?: 'payment' | 'refund'
  by?: number
  times?: number
  /** What must be found beside the flow of funds, which never agrees with a wrong row. */
  finds?: DiscrepancyClass
  /** It is set aside under this code, and comes again the day after. */
  aside?: string
}

const good: BillFault = { on: 'trade-bill', kind: 'none' }

const rows: readonly BillFault[] = [
  { on: 'trade-bill', kind: 'missing-row', row: 'payment', finds: 'paid-not-billed' },
  { on: 'trade-bill', kind: 'extra-row', by: 100, finds: 'unknown-number' },
  { on: 'trade-bill', kind: 'wrong-amount', row: 'payment', by: 1, finds: 'amount-differs' },
  { on: 'trade-bill', kind: 'wrong-fee', row: 'payment', by: 5, finds: 'fee-unexpected' },
  { on: 'trade-bill', kind: 'missing-refund-row', row: 'refund', finds: 'refund-not-billed' },
  { on: 'trade-bill', kind: 'extra-refund-row', by: 7, finds: 'refund-unknown' },
  { on: 'trade-bill', kind: 'wrong-refund-amount', row: 'refund', by: 1, finds: 'refund-differs' },
  { on: 'fund-flow-bill', kind: 'missing-row', finds: 'flow-differs' },
  { on: 'fund-flow-bill', kind: 'extra-row', by: 55, finds: 'flow-differs' },
  { on: 'fund-flow-bill', kind: 'wrong-amount', by: 2, finds: 'flow-differs' },
]

const asides: readonly BillFault[] = [
  { on: 'trade-bill', kind: 'other-merchant', aside: 'other-merchant' },
  { on: 'trade-bill', kind: 'broken-row', aside: 'broken' },
  { on: 'trade-bill', kind: 'broken-amount', aside: 'broken' },
  { on: 'trade-bill', kind: 'wrong-summary', aside: 'broken' },
  { on: 'fund-flow-bill', kind: 'broken-row', aside: 'broken' },
]

const delays = (on: BillFault['on']): readonly BillFault[] => [
  { on: 'trade-bill', kind: 'not-ready', times: 3 },
  { on, kind: 'cut-off' },
  { on, kind: 'reset-before' },
  { on, kind: 'http-500', times: 2 },
  { on, kind: 'timeout-before' },
  { on: 'trade-bill', kind: 'no-bill' },
]

const ofHash: readonly BillFault[] = [
  { on: 'trade-bill', kind: 'bad-hash', aside: 'wrong-hash' },
  { on: 'fund-flow-bill', kind: 'bad-hash', aside: 'wrong-hash' },
  { on: 'bill-download', kind: 'html', aside: 'wrong-hash' },
  { on: 'bill-download', kind: 'expired-token' },
  { on: 'bill-download', kind: 'truncated' },
]

/** All of them in one month, in an order of its own; days on which all is well between. */
export function monthOfBillFaults({ next }: Chance, protocol: Protocol, days: number): BillFault[] {
  const ofProtocol: readonly BillFault[] = protocol === 'v3' ? ofHash : [{ on: 'trade-bill', kind: 'html' }]
  const all: readonly BillFault[] = [...rows, ...asides, ...delays(protocol === 'v3' ? 'bill-download' : 'trade-bill'), ...ofProtocol]
  const shuffled = all.map((fault) => ({ fault, key: next() })).toSorted((a, b) => a.key - b.key)
  // The morning on which a bill that was set aside comes again has no fault that could strike it instead.
  const planned = shuffled.flatMap(({ fault }) => (fault.aside === undefined ? [fault] : [fault, good]))
  return Array.from({ length: days }, (_, index) => planned[index] ?? good)
}

/** The bill of this day comes on its first morning, so that it is the first to know of lost money. */
export function comesAtOnce({ aside, on, kind }: BillFault): boolean {
  return aside === undefined && (kind === 'none' || on === 'fund-flow-bill' || rows.some((one) => one.on === on && one.kind === kind))
}

/** Before the bills of the day are fetched. */
export async function orderBillFault(world: World, billDate: string, fault: BillFault): Promise<void> {
  const { on, kind, row, by, times, finds, aside } = fault
  if (kind === 'none') return
  const struck = row && (await pickRow(world, billDate, row))
  if (row && !struck) return
  const number = struck && (struck.refund?.outRefundNo ?? struck.outTradeNo)
  const about = { ...(by !== undefined && { by }), ...(number !== undefined && { outTradeNo: number }) }
  await strike(world, on, { kind, ...(times !== undefined && { times }) }, about)
  if (aside !== undefined) world.aside.push({ day: billDate, code: aside })
  if (kind === 'no-bill') await expectEverything(world, billDate)
  if (!finds) return
  world.expected.push({ day: billDate, class: 'flow-differs', number: billDate })
  if (on === 'fund-flow-bill') return
  world.expected.push({ day: billDate, class: finds, number: struck ? numberOf(struck, finds) : null })
  if (struck) world.keptFen += finds === 'fee-unexpected' ? (by ?? 0) : netOf(struck)
}

/** What a row would have confirmed. */
function netOf({ totalFen, feeFen, refund }: MockBillRow): number {
  return (refund ? -refund.refundFen : totalFen) - feeFen
}

function numberOf({ outTradeNo, refund }: MockBillRow, finds: DiscrepancyClass): string {
  if (!refund) return outTradeNo
  return finds === 'refund-not-billed' ? refund.outRefundNo : refund.refundId
}

/** In the middle of the day, with nothing else about it: so that it is known which difference it makes, and when. */
async function pickRow(world: World, billDate: string, kind: 'payment' | 'refund'): Promise<MockBillRow | undefined> {
  const { stage, chance } = world
  const inside = await insideOf(world, billDate)
  const fitting = (await stage.books.bill(billDate)).filter((row) =>
    kind === 'payment' ? !row.refund && inside.payments.has(row.outTradeNo) : row.refund && inside.refunds.has(row.refund.outRefundNo),
  )
  const [first, ...rest] = fitting
  return first && chance.pick([first, ...rest])
}

/** Ours, of which the bill of this day alone may tell. */
async function insideOf({ stage }: World, billDate: string): Promise<{ payments: Set<string>; refunds: Set<string> }> {
  const { from, to } = beijingDayBounds(billDate)
  const bounds = [new Date(from.getTime() + boundaryMs), new Date(to.getTime() - boundaryMs)]
  const payments = await stage.shop.sql(
    `SELECT out_trade_no AS number FROM payments WHERE status = 'paid' AND paid_at >= $1 AND paid_at < $2`,
    bounds,
  )
  const refunds = await stage.shop.sql(
    `SELECT out_refund_no AS number FROM refunds f JOIN payments p ON p.id = payment_id
     WHERE f.status IN ('processing', 'success', 'needs-attention') AND accepted_at < $2
       AND CASE f.origin WHEN 'wechat' THEN paid_at ELSE f.created_at END >= $1`,
    bounds,
  )
  const numbers = (rows: Record<string, unknown>[]) => new Set(rows.map(({ number }) => String(number)))
  return { payments: numbers(payments), refunds: numbers(refunds) }
}

/** WeChat says that nothing has happened on that day: all of it is missing, but for what the next day's bill may still have. */
async function expectEverything({ stage, expected }: World, billDate: string): Promise<void> {
  const until = [new Date(beijingDayBounds(billDate).to.getTime() - boundaryMs)]
  const payments = await stage.shop.sql(`SELECT out_trade_no AS number FROM payments WHERE status = 'paid' AND paid_at < $1`, until)
  const refunds = await stage.shop.sql(
    `SELECT out_refund_no AS number FROM refunds WHERE status NOT IN ('submitting', 'refused') AND accepted_at < $1`,
    until,
  )
  const known = new Set([...payments, ...refunds].map(({ number }) => String(number)))
  for (const { outTradeNo, refund } of await stage.books.bill(billDate)) {
    const number = refund?.outRefundNo ?? outTradeNo
    if (known.has(number)) expected.push({ day: billDate, class: refund ? 'refund-not-billed' : 'paid-not-billed', number })
  }
  expected.push({ day: billDate, class: 'flow-differs', number: billDate })
}

/** The owner does not believe that nothing was sold. */
export async function askAgain({ stage }: World, billDate: string, { kind }: BillFault): Promise<void> {
  if (kind === 'no-bill') await requestBill(stage.shop.bills, { billDate })
}
