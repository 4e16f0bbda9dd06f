import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { startBare } from '../servers/bareProcess.ts'
import { cpuMsOf, peakMemoryMb } from '../servers/cpuTime.ts'
import { openCheckout } from '../servers/openCheckout.ts'
import type { Shop } from '../servers/shop.ts'
import { longBillNumbers, writeLongBill } from '../wechat/longBill.ts'
import type { Closers } from './closers.ts'
import type { ShopBenchmark } from './onShop.ts'

/** So many of ours have another amount than the bill, so that there is something to find. */
const differing = 20

/** A million rows take so long that few rounds have to do; three are run in any case. */
export const bill = billOf(1_000_000)

/** @param rows - of the bill, and payments of ours */
export function billOf(rows: number): ShopBenchmark {
  return {
    name: 'bill',
    path: `a bill of ${rows.toLocaleString('en')} rows: read, stored, compared with as many payments`,
    plan: { rounds: 3, warmUps: 0, count: 1, budgetMs: 120_000, clock: 'wall' },
    protocol: 'v2',
    openOn: (shop, closers) => openBill(shop, closers, rows),
  }
}

async function openBill(shop: Shop, closers: Closers, rows: number) {
  const { cores, cpuMs, database, merchant, apiPid } = shop
  const { mchId, appId } = merchant
  const directory = mkdtempSync(join(tmpdir(), 'wxpay-bench-bill-'))
  closers.add({ close: () => rmSync(directory, { recursive: true, force: true }) })
  const client = new pg.Client(database)
  await client.connect()
  closers.add({ close: () => client.end() })

  // Long over, and before anything that the shop itself asks the mock about.
  const day = new Date(Date.now() - 20 * 86_400_000).toISOString().slice(0, 10)
  const file = join(directory, 'bill.csv')
  await writeLongBill(file, { day, mchId, appId, rows })
  await pay(client, { token: (await openCheckout(shop.apiPort)).token, day, rows })
  const billId = await keep(client, { file, day, mchId })
  const bare = closers.add(startBare('bill.ts', cores?.server))
  await bare.ask('open', { file })
  // What the bill takes is taken from here on; PostgreSQL is a process of its own, and has its memory beside this.
  let memoryMb: number | null = null

  const ours = {
    async prepare() {
      await client.query('DELETE FROM discrepancies WHERE bill_id = $1', [billId])
      await client.query('DELETE FROM bill_rows WHERE bill_id = $1', [billId])
      await client.query(`UPDATE bills SET state = 'stored', next_try_at = NULL, reconciled_at = NULL WHERE id = $1`, [billId])
      await client.query('VACUUM ANALYZE bill_rows')
      await client.query('CHECKPOINT').catch(() => undefined) // not everybody may
    },
    async run() {
      await client.query('UPDATE bills SET next_try_at = now() WHERE id = $1', [billId])
      await untilCompared(client, billId)
      memoryMb = peakMemoryMb(apiPid)
    },
    cpuMs: cpuMs ? () => cpuMs.api() + cpuMs.postgres() : undefined,
  }
  const plain = {
    run: async () => void (await bare.ask('run', undefined)),
    cpuMs: cpuMs ? () => cpuMsOf([bare.pid]) : undefined,
  }

  return {
    ours,
    baselines: [{ name: 'reading the plain file and splitting its lines and cells', goal: { must: 0.25, aim: 0.5 }, side: plain }],
    note: () => `the API with all that it does had ${memoryMb ?? '?'} MB at most (must ≤ 300)`,
    async check() {
      await ours.prepare()
      await ours.run()
      const { rows: found } = await client.query<{ row_count: number; kinds: string[] }>(
        `SELECT row_count, (SELECT array_agg(class) FROM discrepancies WHERE bill_id = bills.id) AS kinds FROM bills WHERE id = $1`,
        [billId],
      )
      const split = await bare.ask('run', undefined)
      const kinds = found[0]?.kinds ?? []
      const isSame = found[0]?.row_count === rows && kinds.length === differing && kinds.every((kind) => kind === 'amount-differs')
      if (!isSame || JSON.stringify(split) !== JSON.stringify({ lines: rows + 3, cells: cellsOf(rows) }))
        throw new Error(`not the same work: ${JSON.stringify({ found, split })}`)
    },
  }
}

/** A header, which has no backticks to split at, rows, a header again, and the summary. */
function cellsOf(rows: number): number {
  return 1 + rows * 27 + 1 + 7
}

/** As many paid payments as the bill has rows, all of one order, which nobody looks at. */
async function pay(client: pg.Client, { token, day, rows }: { token: string; day: string; rows: number }): Promise<void> {
  const compact = day.replaceAll('-', '')
  await client.query('UPDATE payments SET next_query_at = NULL, next_close_at = NULL')
  const batch = 100_000
  for (let first = 0; first < rows; first += batch) {
    await client.query(
      `INSERT INTO payments (order_id, out_trade_no, protocol, trade_type, total_fen, request, status, created_at, expires_at,
         transaction_id, paid_at, recorded_at, payer_fen)
       SELECT order_id, 'S' || $2 || lpad(i::text, 10, '0'), protocol, trade_type,
         1 + (i::bigint * 7919) % 100000 + CASE WHEN i % $4 = 0 THEN 1 ELSE 0 END, request, 'paid', created_at, expires_at,
         '4200099999' || $2 || lpad(i::text, 10, '0'), $3::timestamptz, $3::timestamptz, 1
       FROM payments, generate_series($5::int, $6::int) i WHERE order_id = (SELECT id FROM orders WHERE token = $1) AND status <> 'paid'`,
      [token, compact, `${day}T12:00:00+08:00`, rows / differing, first, Math.min(first + batch, rows) - 1],
    )
  }
  await client.query('VACUUM ANALYZE payments')
  const expected = longBillNumbers.outTradeNo(day, rows - 1)
  const { rowCount } = await client.query('SELECT FROM payments WHERE out_trade_no = $1', [expected])
  if (rowCount !== 1) throw new Error('the payments are not those of the bill')
}

/** The file as the service keeps it when it has fetched it. */
async function keep(client: pg.Client, { file, day, mchId }: { file: string; day: string; mchId: string }): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO bills (mch_id, kind, bill_date, state, requested_by, created_at, stored_at, plain_bytes)
     VALUES ($1, 'trade', $2, 'stored', 'operator', now(), now(), 1) RETURNING id`,
    [mchId, day],
  )
  const id = rows[0]?.id ?? ''
  const zipped = createReadStream(file).pipe(createGzip({ level: 1, chunkSize: 1_048_576 }))
  let number = 0
  for await (const gzip of zipped as AsyncIterable<Buffer>) {
    await client.query('INSERT INTO bill_pieces (bill_id, number, gzip) VALUES ($1, $2, $3)', [id, number, gzip])
    number += 1
  }
  return id
}

const pollMs = 50
/** A machine that is busy with other things. */
const patienceMs = 600_000

async function untilCompared(client: pg.Client, billId: string): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    const { rows } = await client.query<{ state: string; problem: unknown }>('SELECT state, problem FROM bills WHERE id = $1', [billId])
    if (rows[0]?.state === 'reconciled') return
    if (rows[0]?.state !== 'stored' || performance.now() > giveUpAt) throw new Error(`the bill is not compared: ${JSON.stringify(rows)}`)
    await delay(pollMs)
  }
}
