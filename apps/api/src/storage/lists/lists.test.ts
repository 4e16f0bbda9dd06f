import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createOperatorReads, type OperatorReads } from '../../commands/operatorReads.ts'
import { presentOrder, presentOrderHistory } from '../../presenters/presentOrder.ts'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { insertEvents } from '../events.ts'

let shop: TestShop
let reads: OperatorReads
beforeAll(async () => {
  shop = await openTestShop()
  reads = createOperatorReads(shop.db)
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

/** All pages of a list, with what happens between two of them. */
async function walk<Item>(
  list: (from: string | null) => Promise<{ items: Item[]; next: string | null }>,
  between: () => Promise<unknown> = async () => undefined,
): Promise<Item[][]> {
  const pages: Item[][] = []
  let from: string | null = null
  do {
    const page: { items: Item[]; next: string | null } = await list(from)
    pages.push(page.items)
    from = page.next
    if (from !== null) await between()
  } while (from !== null)
  return pages
}

const orderNoOf = async (token: string) => (await shop.read(token)).order.orderNo

describe('the list of orders', () => {
  it('is walked from the newest to the oldest, each once, while others are added', async () => {
    const made: string[] = []
    for (let count = 0; count < 5; count += 1) made.push(await orderNoOf((await shop.shown()).token))
    const pages = await walk(
      (from) => reads.orders({ limit: 2, from }),
      () => shop.shown(),
    )
    expect(pages.slice(0, -1).every((page) => page.length === 2)).toBe(true)
    const walked = pages.flat().map(({ order }) => order.orderNo)
    expect(walked.slice(0, 5)).toEqual(made.toReversed())
    expect(new Set(walked).size).toBe(walked.length)
  })

  it('has no further page when the last one is just full', async () => {
    const { items } = await reads.orders({ limit: 200, from: null })
    expect((await reads.orders({ limit: items.length, from: null })).next).toBeNull()
  })

  it('tells what goes back and what needs a look, over all payments of an order', async () => {
    const { token, outTradeNo } = await shop.paid(100)
    await shop.refund(outTradeNo, 60)
    const second = `D${outTradeNo}`.slice(0, 32)
    await shop.copyPayment(outTradeNo, 'closed', second)
    await shop.sql(`UPDATE payments SET anomalies = '{duplicate}' WHERE out_trade_no = $1`, [second])
    const orderNo = await orderNoOf(token)
    const [order] = (await reads.orders({ limit: 1, from: null, q: orderNo })).items.map(presentOrder)
    expect(order).toMatchObject({ orderNo, status: 'paid', refundedFen: 60, anomalies: ['duplicate'] })
  })

  it('keeps to a status', async () => {
    const { token } = await shop.paid()
    await shop.shown()
    const { items } = await reads.orders({ limit: 1, from: null, status: 'paid' })
    expect(items.map(({ order }) => order.token)).toEqual([token])
  })

  it('finds an order by the beginning of its number, and by each number of its payments and refunds', async () => {
    const { token, outTradeNo } = await shop.paid()
    const { refund } = await shop.refund(outTradeNo, 1)
    await shop.work(1000)
    await shop.shown()
    const orderNo = await orderNoOf(token)
    const { refundId } = await shop.readRefund(refund.outRefundNo)
    const { transactionId } = await shop.payment(outTradeNo)
    for (const q of [orderNo, orderNo.slice(0, -1), outTradeNo, transactionId, refund.outRefundNo, refundId]) {
      if (q === null) throw new Error('WeChat has given no number')
      const { items } = await reads.orders({ limit: 200, from: null, q })
      expect(
        items.map(({ order }) => order.token),
        q,
      ).toContain(token)
      if (q !== orderNo.slice(0, -1)) expect(items).toHaveLength(1)
    }
  })

  it('takes what it is asked for as text, not as a pattern', async () => {
    await shop.shown()
    for (const q of ['%', '_', '\\', `' OR 1=1 --`]) expect((await reads.orders({ limit: 5, from: null, q })).items, q).toEqual([])
  })

  it('looks a number up in indexes, and the beginning of one', async () => {
    await shop.sql(`INSERT INTO orders (token, order_no, amount_fen, description, client_address, status, created_at)
      SELECT lpad(n::text, 22, '0'), 'many' || n, 1, 'x', 'x', 'unpaid', now() FROM generate_series(1, 20000) AS n`)
    await shop.sql('ANALYZE orders, payments, refunds')
    const plans: string[] = []
    const queries = [`order_no LIKE 'many1234%'`, `id = ANY (ARRAY(SELECT order_id FROM payments WHERE out_trade_no = 'many1234'))`]
    for (const where of queries) {
      const rows = await shop.sql(`EXPLAIN SELECT * FROM orders WHERE ${where} ORDER BY id DESC LIMIT 51`)
      plans.push(rows.map((row) => String(row['QUERY PLAN'])).join('\n'))
    }
    expect(plans.join('\n')).not.toMatch(/Seq Scan on orders/)
    expect(plans[0]).toContain('orders_by_number')
  })
})

describe('an order with all that happened to it', () => {
  it('has its payments, refunds and events, and nothing that is nobody’s business', async () => {
    const { token, outTradeNo } = await shop.paid(100)
    const { refund } = await shop.refund(outTradeNo, 30)
    await shop.work(1000)
    const history = presentOrderHistory(await reads.order(await orderNoOf(token)))
    expect(history.payments).toMatchObject([{ outTradeNo, status: 'paid', totalFen: 100, refundableFen: 70 }])
    expect(history.refunds).toMatchObject([{ outRefundNo: refund.outRefundNo, outTradeNo, amountFen: 30, status: 'processing' }])
    expect(history.events.map(({ type }) => type)).toEqual(await shop.eventTypes(token))
    const { openId, action } = await shop.payment(outTradeNo)
    const text = JSON.stringify(history)
    for (const secret of [
      token,
      openId,
      action?.tradeType === 'native' ? action.codeUrl : null,
      'notifyUrl',
      'clientAddress',
      '203.0.113.7',
    ])
      expect(text, String(secret)).not.toContain(secret)
  })
})

describe('the list of refunds', () => {
  it('is walked from the newest to the oldest, and keeps to a payment and a status', async () => {
    const { outTradeNo } = await shop.paid(100)
    const made: string[] = []
    for (let count = 0; count < 3; count += 1) made.push((await shop.refund(outTradeNo, 1)).refund.outRefundNo)
    await shop.refund((await shop.paid()).outTradeNo, 1)
    const pages = await walk((from) => reads.refunds({ limit: 2, from, outTradeNo }))
    expect(pages.map((page) => page.map(({ refund }) => refund.outRefundNo))).toEqual([[made[2], made[1]], [made[0]]])
    const none = await reads.refunds({ limit: 2, from: null, outTradeNo, status: 'success' })
    expect(none.items).toEqual([])
  })
})

describe('the list of events', () => {
  const told = (type: string) =>
    shop.db.transaction().execute((tx) => insertEvents(tx, null, [{ type, source: 'clock' }], shop.clock.now()))
  const after = async (from: string | null) => (await reads.events({ limit: 200, from, first: 'oldest' })).items
  const typesAfter = async (from: string) => (await after(from)).map(({ type }) => type)
  const lastId = async () => (await reads.events({ limit: 1, from: null, first: 'newest' })).items[0]?.id ?? '0'

  it('skips no event of a transaction that commits after one with a higher id', async () => {
    await told('test.before')
    const start = await lastId()
    const slow = await shop.db.startTransaction().execute()
    await insertEvents(slow, null, [{ type: 'test.slow', source: 'clock' }], shop.clock.now())
    await told('test.fast')
    // The fast one is there, with the higher id; who saw it now would never ask for the slow one again.
    expect(await typesAfter(start)).toEqual([])
    expect(await lastId()).toBe(start)
    await slow.commit().execute()
    expect(await typesAfter(start)).toEqual(['test.slow', 'test.fast'])
  })

  it('goes on when such a transaction was given up', async () => {
    const start = await lastId()
    const slow = await shop.db.startTransaction().execute()
    await insertEvents(slow, null, [{ type: 'test.given_up', source: 'clock' }], shop.clock.now())
    await told('test.fast')
    await slow.rollback().execute()
    expect(await typesAfter(start)).toEqual(['test.fast'])
  })

  it('does not wait for a transaction that writes no events, nor for one that began to write them later', async () => {
    const start = await lastId()
    const reading = await shop.db.startTransaction().execute()
    await sql`SELECT pg_current_xact_id()`.execute(reading)
    await told('test.first')
    const later = await shop.db.startTransaction().execute()
    await insertEvents(later, null, [{ type: 'test.later', source: 'clock' }], shop.clock.now())
    expect(await typesAfter(start)).toEqual(['test.first'])
    await later.commit().execute()
    await reading.commit().execute()
  })

  it('hands every event to who follows along, in order and once, while 8 writers commit whenever they like', async () => {
    const start = await lastId()
    const each = 25
    const seen: string[] = []
    let writing = true
    const follow = async () => {
      for (let from = start; ;) {
        const wasWriting = writing
        const events = await after(from)
        seen.push(...events.map(({ type }) => type))
        from = events.at(-1)?.id ?? from
        if (!wasWriting && events.length === 0) return
      }
    }
    const write = async (writer: number) => {
      for (let count = 0; count < each; count += 1) {
        await shop.db.transaction().execute(async (tx) => {
          await insertEvents(tx, null, [{ type: `test.w${writer}.${count}`, source: 'clock' }], shop.clock.now())
          await sql`SELECT pg_sleep(${((writer * 7 + count * 3) % 5) / 1000})`.execute(tx) // the work of a transaction
        })
      }
    }
    const following = follow()
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)))
    writing = false
    await following
    expect(seen).toHaveLength(8 * each)
    expect(new Set(seen).size).toBe(8 * each)
  })

  it('is walked back from the newest too, and keeps to a type', async () => {
    for (const type of ['test.a', 'test.b', 'test.a']) await told(type)
    const pages = await walk((from) => reads.events({ limit: 1, from, first: 'newest', type: 'test.a' }))
    expect(pages.map((page) => page.length)).toEqual([1, 1])
  })
})

describe('bills and discrepancies', () => {
  const bill = async (billDate: string, state = 'stored') => {
    const [row] = await shop.sql(
      `INSERT INTO bills (mch_id, kind, bill_date, state, requested_by, created_at, stored_at, problem)
       VALUES ('1900000001', 'trade', $1, $2, 'clock', now(), now(), '{"code":"broken","detail":"x"}') RETURNING id`,
      [billDate, state],
    )
    return String(row?.['id'])
  }
  const discrepancy = (billId: string, number: string) =>
    shop.sql(
      `INSERT INTO discrepancies (bill_id, class, number, detail, state, opened_at) VALUES ($1, 'fee-unexpected', $2, 'x', 'open', now())`,
      [billId, number],
    )
  beforeEach(async () => {
    await shop.sql('TRUNCATE bills CASCADE')
  })

  it('come by day, the latest first, also when an older one was fetched later', async () => {
    for (const day of ['2026-02-27', '2026-02-28', '2026-02-25', '2026-02-26']) await bill(day)
    const pages = await walk(
      (from) => reads.bills({ limit: 1, from }),
      () => shop.sql(`UPDATE bills SET tries = tries + 1`),
    )
    expect(pages.flat().map((one) => one.bill.billDate)).toEqual(['2026-02-28', '2026-02-27', '2026-02-26', '2026-02-25'])
    expect((await reads.bills({ limit: 5, from: null, billDate: '2026-02-25' })).items).toHaveLength(1)
    expect((await reads.bills({ limit: 5, from: null, state: 'due' })).items).toEqual([])
  })

  it('tell how many differences are open', async () => {
    const id = await bill('2026-02-27')
    for (const number of ['1', '2', '3']) await discrepancy(id, number)
    await shop.sql(
      `UPDATE discrepancies SET state = 'resolved', resolved_at = now(), resolver = 'operator', reason = 'x' WHERE number = '3'`,
    )
    expect((await reads.bills({ limit: 5, from: null })).items).toMatchObject([{ openDiscrepancies: 2 }])
    const pages = await walk((from) => reads.discrepancies({ limit: 1, from, state: 'open', billDate: '2026-02-27' }))
    expect(pages.flat().map(({ number }) => number)).toEqual(['2', '1'])
    expect((await reads.discrepancies({ limit: 5, from: null, class: 'unknown-number' })).items).toEqual([])
  })

  it('keep the file in pieces, and give it back whole', async () => {
    const id = await bill('2026-02-27')
    const zipped = gzipSync('`交易时间`\n'.repeat(100))
    const parts = [zipped.subarray(0, 10), zipped.subarray(10, 25), zipped.subarray(25)]
    for (const [number, part] of parts.entries())
      await shop.sql('INSERT INTO bill_pieces (bill_id, number, gzip) VALUES ($1, $2, $3)', [id, number, part])
    const file = await reads.billFile(id)
    const read: Buffer[] = []
    for await (const piece of file.pieces()) read.push(piece)
    expect(Buffer.concat(read).equals(zipped)).toBe(true)
    expect([file.bytes, file.bill]).toEqual([zipped.length, { kind: 'trade', billDate: '2026-02-27' }])
  })

  it('do not mix two files when a bill is fetched anew while it is read', async () => {
    const id = await bill('2026-02-27')
    for (const number of [0, 1])
      await shop.sql('INSERT INTO bill_pieces (bill_id, number, gzip) VALUES ($1, $2, $3)', [id, number, Buffer.from('x')])
    const pieces = (await reads.billFile(id)).pieces()
    await pieces.next()
    await shop.sql(`UPDATE bills SET stored_at = now() + interval '1 second'`)
    await expect(pieces.next()).rejects.toThrow('fetched anew')
  })

  it('say when there is no file, and when there is no bill', async () => {
    await expect(reads.billFile(await bill('2026-02-27', 'due'))).rejects.toMatchObject({ code: 'bill_file_not_found' })
    const fetching = await bill('2026-02-26', 'due')
    await shop.sql('INSERT INTO bill_pieces (bill_id, number, gzip) VALUES ($1, 0, $2)', [fetching, Buffer.from('x')])
    await expect(reads.billFile(fetching)).rejects.toMatchObject({ code: 'bill_file_not_found' })
    await expect(reads.billFile('999')).rejects.toMatchObject({ code: 'bill_not_found' })
  })
})
