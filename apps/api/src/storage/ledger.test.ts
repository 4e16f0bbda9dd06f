import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger, type CheckLedgerContext } from '../commands/checkLedger.ts'
import { tasks } from '../jobs/worker.ts'
import { FailingPlugin } from '../testing/databaseFaults.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'

const day = '2026-03-01'

let shop: TestShop
beforeEach(async () => {
  shop = await openTestShop({ policy: { refundDuplicates: true } })
})
afterEach(() => shop.close())

const check = (store: CheckLedgerContext['store'] = shop.payments.store) =>
  checkLedger({ store, mchId: shop.payments.mchId, alarms: shop.payments.alarms, show: () => undefined })

const paid = async () => (await shop.paid()).outTradeNo

/** A bill that was compared, with rows for what is named, as our books have it. */
async function bill(billDate: string, outTradeNos: readonly string[]): Promise<string> {
  const [made] = await shop.sql(
    `INSERT INTO bills (mch_id, kind, bill_date, state, requested_by, created_at, reconciled_at)
     VALUES ($1, 'trade', $2, 'reconciled', 'clock', now(), now()) RETURNING id::text`,
    [shop.payments.mchId, billDate],
  )
  const billId = String(made?.['id'])
  await shop.sql(
    `INSERT INTO bill_rows (bill_id, line, kind, at, out_trade_no, transaction_id, total_fen, fee_milli_fen)
     SELECT $1::bigint, row_number() OVER (), 'payment', paid_at, out_trade_no, transaction_id, total_fen, 1000 FROM payments WHERE out_trade_no = ANY($2)`,
    [billId, outTradeNos],
  )
  await shop.sql(
    `INSERT INTO bill_rows (bill_id, line, kind, at, out_trade_no, transaction_id, total_fen, out_refund_no, refund_id, refund_fen, fee_milli_fen)
     SELECT $1::bigint, 1000 + row_number() OVER (), 'refund', accepted_at, out_trade_no, transaction_id, total_fen, out_refund_no, refunds.refund_id, refund_fen, 0
     FROM refunds JOIN payments ON payments.id = payment_id WHERE out_trade_no = ANY($2) AND refunds.refund_id IS NOT NULL`,
    [billId, outTradeNos],
  )
  return billId
}

describe('the ledger of a shop', () => {
  it('R13 is written in the transaction that pays, once, however often the notice comes', async () => {
    const { outTradeNo } = await shop.shown()
    const notice = shop.wechat.pay(outTradeNo)
    await Promise.all(Array.from({ length: 10 }, () => shop.notice(notice)))
    expect(await shop.sql('SELECT kind, receivable_fen::int, wechat_clearing_fen::int FROM ledger_postings ORDER BY id')).toEqual([
      { kind: 'order-paid', receivable_fen: 100, wechat_clearing_fen: 0 },
      { kind: 'payment-paid', receivable_fen: -100, wechat_clearing_fen: 100 },
    ])
  })

  it('R13 is only ever added to', async () => {
    await paid()
    await expect(shop.sql('UPDATE ledger_postings SET sales_fen = 0, receivable_fen = 0')).rejects.toThrow(/append-only/)
    await expect(shop.sql('DELETE FROM ledger_postings')).rejects.toThrow(/append-only/)
    await expect(shop.sql(`INSERT INTO ledger_postings (key, kind, sales_fen, at) VALUES ('x', 'order-paid', 1, now())`)).rejects.toThrow(
      /check/,
    )
  })

  it('R21 clears what a bill confirms, and a repeat confirms nothing', async () => {
    await bill(day, [await paid()])
    await bill('2026-03-02', [])
    expect(await check()).toEqual({
      figures: { clearingFen: 0, unconfirmedFen: 0, unexplainedFen: 0, unexplainedReceivableFen: 0 },
      problems: [],
    })
    await check()
    expect(
      await shop.sql(`SELECT wechat_balance_fen::int AS balance, fees_fen::int AS fees FROM ledger_postings WHERE kind = 'bill-confirmed'`),
    ).toEqual([{ balance: 99, fees: 1 }])
  })

  it('R21 takes the row that is right, though one of the same number before it is wrong, or was never compared', async () => {
    const outTradeNo = await paid()
    const other = await bill('2026-02-28', [outTradeNo])
    await shop.sql(`UPDATE bills SET state = 'stored' WHERE id = $1`, [other])
    const billId = await bill(day, [outTradeNo])
    await shop.sql(
      `INSERT INTO bill_rows (bill_id, line, kind, at, out_trade_no, transaction_id, total_fen, fee_milli_fen)
       SELECT bill_id, 0, kind, at, out_trade_no, transaction_id, total_fen + 1, fee_milli_fen FROM bill_rows WHERE bill_id = $1`,
      [billId],
    )
    expect(await check()).toMatchObject({ problems: [], figures: { clearingFen: 0, unconfirmedFen: 0 } })
  })

  it('R21 a difference about something else explains no money', async () => {
    const outTradeNo = await paid()
    const billId = await bill(day, [])
    await bill('2026-03-02', [])
    await shop.sql(
      `INSERT INTO discrepancies (bill_id, class, number, payment_id, detail, state, opened_at, next_judge_at)
       SELECT $1, 'refund-unknown', '5030', id, '', 'open', now(), now() FROM payments WHERE out_trade_no = $2`,
      [billId, outTradeNo],
    )
    expect(await check()).toMatchObject({ problems: ['ledger-unexplained'], figures: { unexplainedFen: 100 } })
  })

  it('R21 waits for the next day’s bill before it misses money', async () => {
    await paid()
    await bill(day, [])
    expect(await check()).toMatchObject({ problems: [], figures: { clearingFen: 100, unconfirmedFen: 100 } })
    await bill('2026-03-02', [])
    expect(await check()).toMatchObject({ problems: ['ledger-unexplained'], figures: { unexplainedFen: 100 } })
    expect(shop.anomalies).toContain('ledger-unexplained')
  })

  it('R21 is content with money that is missing in the bill and a work item', async () => {
    const outTradeNo = await paid()
    const billId = await bill(day, [])
    await bill('2026-03-02', [])
    await shop.sql(
      `INSERT INTO discrepancies (bill_id, class, number, payment_id, detail, state, opened_at)
       SELECT $1::bigint, 'paid-not-billed', out_trade_no, id, 'the bill lacks it', 'open', now() FROM payments WHERE out_trade_no = $2`,
      [billId, outTradeNo],
    )
    expect((await check()).problems).toEqual([])
  })

  it('R21 goes on behind a day whose bill was set aside, and misses nothing of that day and its neighbours', async () => {
    const [before, of, behind] = [await paid(), await paid(), await paid()]
    const at = { [before]: '2026-03-01', [of]: '2026-03-03', [behind]: '2026-03-05' }
    for (const [outTradeNo, on] of Object.entries(at))
      await shop.sql('UPDATE payments SET paid_at = $1 WHERE out_trade_no = $2', [new Date(`${on}T04:00:00Z`), outTradeNo])
    for (const on of ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05', '2026-03-06']) await bill(on, [])
    await shop.sql(`UPDATE bills SET state = 'set-aside', problem = '{}' WHERE bill_date = '2026-03-03'`)
    expect(await check()).toMatchObject({ problems: ['ledger-unexplained'], figures: { unexplainedFen: 200 } })
  })

  it('R21 misses no money of days whose bills nobody asked for', async () => {
    await paid()
    await bill('2026-02-01', [])
    await bill('2026-02-02', [])
    await bill('2026-03-05', [])
    expect(await check()).toMatchObject({ problems: [], figures: { unconfirmedFen: 100 } })
  })

  it('R21 counts a row once, whatever an earlier bill has under its number', async () => {
    const outTradeNo = await paid()
    await bill(day, [outTradeNo])
    await shop.sql('UPDATE bill_rows SET total_fen = 7')
    await bill('2026-03-02', [outTradeNo])
    await bill('2026-03-03', [outTradeNo])
    expect(await check()).toMatchObject({ problems: [], figures: { clearingFen: 0, unconfirmedFen: 0 } })
  })

  it('R21 is content with money of a bill that is booked while it looks', async () => {
    const { outTradeNo } = await shop.shown()
    const notice = shop.wechat.pay(outTradeNo)
    const { transactionId, totalFen } = shop.wechat.paidTrade(outTradeNo)
    const billId = await bill(day, [])
    await shop.sql(
      `INSERT INTO bill_rows (bill_id, line, kind, at, out_trade_no, transaction_id, total_fen, fee_milli_fen)
       VALUES ($1, 1, 'payment', now(), $2, $3, $4, 0)`,
      [billId, outTradeNo, transactionId, totalFen],
    )
    const { store } = shop.interleaving('sum("wechat_clearing_fen")', async () => void (await shop.notice(notice)))
    expect(await check(store)).toMatchObject({ problems: [], figures: { clearingFen: 0, unconfirmedFen: 0 } })
    expect((await shop.payment(outTradeNo)).status).toBe('paid')
  })

  it('R21 has the connections of bills, whose statements may take as long as a million rows do', async () => {
    await bill(day, [await paid()])
    const { tasks: context, payments, db } = shop
    const store = { ...payments.store, db: db.withPlugin(new FailingPlugin('')) }
    await tasks['check-ledger']({ ...context, payments: { ...payments, store } }, {})
    expect(await shop.sql(`SELECT kind FROM ledger_postings WHERE bill_id IS NOT NULL`)).toEqual([{ kind: 'bill-confirmed' }])
    const [queue] = await shop.sql(`SELECT expire_seconds::int AS seconds FROM pgboss.queue WHERE name = 'check-ledger'`)
    expect(queue).toEqual({ seconds: 7_200 })
  })

  it('R12 owes nobody anything once a second payment has gone back', async () => {
    const first = await shop.shown()
    shop.clock.advance(60_000)
    await shop.refresh(first.token)
    const second = await shop.last(first.token)
    await shop.notice(shop.wechat.pay(second.outTradeNo))
    shop.wechat.payLate(first.outTradeNo)
    await shop.notice(shop.wechat.noticeOf(first.outTradeNo))
    await shop.work(60_000)
    await bill(day, [first.outTradeNo, second.outTradeNo])
    await bill('2026-03-02', [])
    const [owed] = await shop.sql(
      `SELECT sum(receivable_fen)::int AS receivable, sum(wechat_balance_fen)::int AS balance FROM ledger_postings`,
    )
    expect((await check()).problems).toEqual([])
    expect(owed).toMatchObject({ receivable: 0 })
  })

  it('finds a posting that somebody has lost', async () => {
    await bill(day, [await paid()])
    await shop.sql(`ALTER TABLE ledger_postings DISABLE TRIGGER ledger_append_only`)
    await shop.sql(`DELETE FROM ledger_postings WHERE kind = 'payment-paid'`)
    await shop.sql(`ALTER TABLE ledger_postings ENABLE TRIGGER ledger_append_only`)
    expect((await check()).problems).toEqual(['ledger-clearing', 'ledger-receivable'])
  })
})
