import { expect } from 'vitest'
import { z } from 'zod'
import type { MockRefund } from './ledgerOfMock.ts'
import { readStates, replay } from './replay.ts'
import { ourPayments, type Expected, type World } from './world.ts'

/** Everything that was paid at WeChat is paid here, once, and nothing else; but for what a person has to look at. */
export async function expectSamePayments(world: World): Promise<number> {
  const { stage, mismatched } = world
  const ours = await stage.shop.sql(
    `SELECT out_trade_no AS "outTradeNo", transaction_id AS "transactionId", total_fen::integer AS "amountFen" FROM payments WHERE status = 'paid' ORDER BY 1`,
  )
  const theirs = (await stage.books.trades()).filter(({ paidAt, outTradeNo }) => paidAt !== null && !mismatched.has(outTradeNo))
  const facts = theirs.map(({ outTradeNo, transactionId, amountFen }) => ({ outTradeNo, transactionId, amountFen }))
  expect.soft(ours).toEqual(facts.toSorted((a, b) => (a.outTradeNo < b.outTradeNo ? -1 : 1)))
  return ours.length
}

const statusOf = { SUCCESS: 'success', CLOSED: 'closed', ABNORMAL: 'needs-attention', PROCESSING: 'processing' } as const

export async function expectSameRefunds({ stage }: World): Promise<number> {
  const ours = await stage.shop.sql(
    `SELECT out_refund_no AS "outRefundNo", refund_id AS "refundId", refund_fen::integer AS "refundFen", f.status, out_trade_no AS "outTradeNo"
     FROM refunds f JOIN payments p ON p.id = payment_id WHERE f.status <> 'refused' ORDER BY refund_id`,
  )
  const refunds = await stage.books.refunds()
  const facts = refunds.map(({ outRefundNo, refundId, refundFen, status, outTradeNo }) => ({
    outRefundNo,
    refundId,
    refundFen,
    status: statusOf[status],
    outTradeNo,
  }))
  expect.soft(ours).toEqual(facts.toSorted((a, b) => (a.refundId < b.refundId ? -1 : 1)))
  expect.soft(refunds.filter(({ status }) => status === 'PROCESSING' || status === 'ABNORMAL')).toEqual([])
  await expectNoneTooMuch(stage, refunds)
  return ours.length
}

async function expectNoneTooMuch({ books }: World['stage'], refunds: readonly MockRefund[]): Promise<void> {
  const left = new Map((await books.trades()).map(({ outTradeNo, amountFen }) => [outTradeNo, amountFen]))
  for (const { outTradeNo, refundFen, status } of refunds) {
    if (status !== 'CLOSED') left.set(outTradeNo, (left.get(outTradeNo) ?? 0) - refundFen)
  }
  expect.soft([...left].filter(([, fen]) => fen < 0)).toEqual([])
}

/** Rule R12. */
export async function expectDuplicatesRefundedOnce(world: World): Promise<number> {
  const refunds = (await world.stage.books.refunds()).filter(({ status }) => status === 'SUCCESS')
  const duplicates = await ourPayments(world, `'duplicate' = ANY (p.anomalies)`)
  for (const { outTradeNo, totalFen } of duplicates) {
    const back = refunds.filter((refund) => refund.outTradeNo === outTradeNo).map(({ refundFen }) => refundFen)
    expect.soft({ outTradeNo, back }).toEqual({ outTradeNo, back: [totalFen] })
  }
  return duplicates.length
}

const Found = z.object({ day: z.string(), class: z.string(), number: z.string(), detail: z.string() })

/** Each fault of the bills has its difference, and there is no other one. @returns how many of each class */
export async function expectDifferences({ stage, expected }: World): Promise<Record<string, number>> {
  const rows = await stage.shop.sql(
    `SELECT bill_date::text AS day, class, number, detail FROM discrepancies d JOIN bills b ON b.id = bill_id ORDER BY d.id`,
  )
  const found = rows.map((row) => Found.parse(row))
  // What has a number first: one without takes any that is left.
  const [named, unnamed] = [expected.filter(({ number }) => number !== null), expected.filter(({ number }) => number === null)]
  const missing = [...named, ...unnamed].filter((one) => !takeOut(found, one))
  expect.soft({ missing, unexpected: found }).toEqual({ missing: [], unexpected: [] })
  return Object.fromEntries(
    [...Map.groupBy(rows, (row) => String(row['class']))].map(([kind, those]): [string, number] => [kind, those.length]).toSorted(),
  )
}

function takeOut(found: z.infer<typeof Found>[], one: Expected): boolean {
  const index = found.findIndex((other) => other.day === one.day && other.class === one.class && [other.number, null].includes(one.number))
  if (index >= 0) found.splice(index, 1)
  return index >= 0
}

export async function expectBillsSetAside({ stage, aside }: World): Promise<number> {
  const rows = await stage.shop.sql(
    `SELECT data->>'billDate' AS day, data->>'code' AS code FROM events WHERE type = 'bill.set_aside' ORDER BY 1`,
  )
  expect.soft(rows).toEqual(aside.toSorted((a, b) => (a.day < b.day ? -1 : 1)))
  return rows.length
}

/** Balance and flow of funds, in fen: what they differ by are the differences that the faults of the bills leave open. */
export async function expectSameBalance({ stage, keptFen }: World, days: readonly string[]): Promise<number> {
  let flowFen = 0
  for (const billDate of days) flowFen += await stage.books.flowFen(billDate)
  const [sums] = await stage.shop.sql('SELECT coalesce(sum(wechat_balance_fen), 0)::integer AS balance FROM ledger_postings')
  expect.soft({ balanceFen: Number(sums?.['balance']) + keptFen }).toEqual({ balanceFen: flowFen })
  return flowFen
}

/** Rule R13. */
export async function expectSameHistory(world: World): Promise<void> {
  const told = await replay(world)
  const states = await readStates(world)
  for (const kind of ['orders', 'payments', 'refunds'] as const) {
    const differing = [...states[kind]].filter(([name, status]) => told[kind].get(name) !== status)
    expect.soft(differing.map(([name, status]) => ({ kind, name, status, told: told[kind].get(name) }))).toEqual([])
  }
}
