import type { Protocol } from 'wxpay-core/protocol'
import { beijingDay, beijingDayBounds } from '../../domain/beijingDay.ts'
import { Agenda } from './agenda.ts'
import { askAgain, comesAtOnce, monthOfBillFaults, orderBillFault, type BillFault } from './billFaults.ts'
import type { Chance } from './chance.ts'
import { open, pay, planCustomers } from './customers.ts'
import { operate } from './operator.ts'
import { planEmptyPurse, planRefunds } from './refunds.ts'
import type { Settings, Stage } from './stage.ts'
import { day, hour, loseEverythingAbout, minute, ourPayments, type World } from './world.ts'

/** After the last sale, until everything has come to its end and stands in a bill. */
const quietDays = 4

interface Month {
  chance: Chance
  days: number
  protocols: readonly [Protocol, ...Protocol[]]
}

/** @returns the world as it is then, and the days of which there are bills */
export async function liveThroughMonth(stage: Stage, { chance, days, protocols }: Month): Promise<{ world: World; billDates: string[] }> {
  const agenda = new Agenda()
  const world: World = {
    stage,
    chance,
    agenda,
    lost: new Set(),
    mismatched: new Set(),
    expected: [],
    unheard: new Map(),
    aside: [],
    keptFen: 0,
    faults: new Map(),
  }
  const begin = beijingDayBounds(beijingDay(new Date(stage.now()))).from.getTime()
  const faults = monthOfBillFaults(chance, protocols.includes('v3') ? 'v3' : 'v2', days)
  await stage.restart(settingsOf(0, protocols))
  const billDates: string[] = []
  for (let index = 0; index < days + quietDays; index++) {
    const from = begin + index * day
    const fault = faults[index]
    if (fault) planTrade(world, from, { index, fault })
    planService(world, from, { settings: settingsOf(index, protocols), sells: fault !== undefined })
    planMorning(world, from, faults[index - 1])
    if (index > 0) billDates.push(beijingDay(new Date(from - 1)))
  }
  await agenda.follow((at) => stage.advanceTo(at))
  return { world, billDates }
}

/** Every combination comes by. */
function settingsOf(index: number, protocols: Month['protocols']): Settings {
  const [first, second] = protocols
  const inTurn: Settings['protocols'] = second !== undefined && index % 4 >= 2 ? [second, first] : protocols
  const policies = ['accept', 'refund', 'flag'] as const
  return {
    protocols: inTurn,
    paidBy: index % 2 === 0 ? 'notice' : 'notice-or-query',
    latePayment: policies[index % policies.length] ?? 'flag',
  }
}

function planTrade(world: World, from: number, { index, fault }: { index: number; fault: BillFault }): void {
  planCustomers(world, from, { losing: comesAtOnce(fault), mismatching: comesAtOnce(fault) && index % 6 === 0 })
  planRefunds(world, from)
  if (index % 5 === 1) planEmptyPurse(world, from)
}

/** It is started again in the night with other settings, and in the afternoon while people pay. */
function planService(world: World, from: number, { settings, sells }: { settings: Settings; sells: boolean }): void {
  const { agenda, stage } = world
  agenda.plan(from + 3 * hour, () => stage.stopService())
  agenda.plan(from + 3 * hour + 10 * minute, () => stage.restart(settings))
  if (!sells) return
  const afternoon = from + 15 * hour
  agenda.plan(afternoon - 30_000, async () => {
    const { outTradeNo } = await open(world)
    agenda.plan(afternoon + minute, () => pay(world, outTradeNo))
  })
  agenda.plan(afternoon, () => stage.stopService())
  agenda.plan(afternoon + 6 * minute, () => stage.restart(settings))
}

/** The bills of the day before, what the service does with them, and what a person does then. */
function planMorning(world: World, from: number, fault: BillFault | undefined): void {
  const { agenda, stage } = world
  const { mock, shop } = stage
  const billDate = beijingDay(new Date(from - 1))
  const bills = () => shop.tasksNow('plan-bills')
  agenda.plan(from + 9 * hour + 50 * minute, async () => {
    await mock.order('DELETE', 'faults')
    for (const outTradeNo of await stillLost(world)) await loseEverythingAbout(world, outTradeNo)
    if (fault) await expectLost(world, billDate)
    await expectUnheard(world, fault && billDate)
    if (fault) await orderBillFault(world, billDate, fault)
  })
  agenda.plan(from + 10 * hour + 3 * minute, bills)
  agenda.plan(from + 10 * hour + 4 * minute + 30_000, async () => {
    if (fault === undefined || comesAtOnce(fault)) await mock.order('DELETE', 'faults')
    for (const outTradeNo of await stillLost(world)) await mock.order('POST', 'faults', { on: 'notice', kind: 'drop', outTradeNo })
  })
  agenda.plan(from + 10 * hour + 10 * minute, bills)
  agenda.plan(from + 11.5 * hour, () => shop.tasksNow('check-ledger'))
  agenda.plan(from + 12 * hour, async () => {
    if (fault) await askAgain(world, billDate, fault)
  })
  agenda.plan(from + 12.5 * hour, () => operate(world))
  agenda.plan(from + 13 * hour, bills)
}

async function stillLost(world: World): Promise<string[]> {
  const paid = new Set((await ourPayments(world, `p.status = 'paid'`)).map(({ outTradeNo }) => outTradeNo))
  return [...world.lost].filter((outTradeNo) => !paid.has(outTradeNo))
}

/** The bill has money that we do not know of, and what only a person can settle. */
async function expectLost(world: World, billDate: string): Promise<void> {
  const unknown = new Set([...(await stillLost(world)), ...world.mismatched])
  for (const row of await world.stage.books.bill(billDate)) {
    if (row.refund || !unknown.has(row.outTradeNo)) continue
    world.expected.push({ day: billDate, class: 'billed-not-paid', number: row.outTradeNo })
    if (world.mismatched.has(row.outTradeNo)) world.keptFen += row.totalFen - row.feeFen
  }
}

/** Refunds of the merchant platform whose notices are lost, or have not been sent yet. What is heard until a late bill comes does not count. */
async function expectUnheard({ stage, unheard, expected }: World, billDate: string | undefined): Promise<void> {
  const come = new Set(
    (await stage.shop.sql(`SELECT bill_date::text AS day FROM bills WHERE kind = 'trade' AND state = 'reconciled'`)).map((row) =>
      String(row['day']),
    ),
  )
  for (const [day, numbers] of unheard) {
    if (!come.has(day)) continue
    expected.push(...numbers.map((number) => ({ day, class: 'refund-unknown' as const, number })))
    unheard.delete(day)
  }
  const known = new Set(
    (await stage.shop.sql(`SELECT refund_id FROM refunds WHERE status <> 'submitting'`)).map((row) => String(row['refund_id'])),
  )
  for (const day of [...unheard.keys(), ...(billDate === undefined ? [] : [billDate])]) {
    const refunds = (await stage.books.bill(day)).flatMap(({ refund }) => refund?.refundId ?? [])
    unheard.set(
      day,
      refunds.filter((refundId) => !known.has(refundId)),
    )
  }
}
