import Router from '@koa/router'
import { Readable } from 'node:stream'
import type { BillAsked } from '../bills/bills.ts'
import type { FundRow } from '../bills/fundSheet.ts'
import { sheetBytes, sheetLines, type Sheet } from '../bills/sheet.ts'
import type { TradeRow } from '../bills/tradeRow.ts'
import type { Merchant, Merchants } from '../merchants.ts'
import type { ControlDependencies } from './dependencies.ts'
import { readJson } from './guard.ts'
import { ControlProblem, readWith } from './problem.ts'
import { BillQuery, SyntheticBody } from './schemas.ts'

/** Bills as the ledger has them at this moment: of any day, today too, and without faults. */
export function billRoutes({ bills, merchants }: Pick<ControlDependencies, 'bills' | 'merchants'>): Router {
  const router = new Router()

  /** `jsonl`: a row a line, amounts in fen. `text`: the very file. */
  router.get('/bills', (ctx) => {
    const { mchid, billDate: day, type, format, protocol } = readWith(BillQuery, { ...ctx.query })
    const asked: BillAsked = { merchant: named(mchid, merchants), day, type, protocol }
    ctx.type = format === 'text' ? 'text/plain; charset=utf-8' : 'application/x-ndjson; charset=utf-8'
    ctx.body = type === 'FUND-FLOW' ? written(bills.funds(asked), format) : written(bills.trade(asked, type), format)
  })

  /** The trade bill of that day is made of so many rows instead; 0 ends it. */
  router.post('/bills/synthetic', async (ctx) => {
    const { mchid, billDate: day, rows, seed } = readWith(SyntheticBody, await readJson(ctx))
    const merchant = named(mchid, merchants)
    const hashValue = await bills.synthesise(merchant, day, { rows, seed })
    ctx.status = 201
    ctx.body = { mchid: merchant.mchid, billDate: day.date, rows, seed, hashValue }
  })

  return router
}

/** Without a number: the first. */
function named(mchid: string | undefined, merchants: Merchants): Merchant {
  const merchant = mchid === undefined ? merchants.all[0] : merchants.find(mchid)
  if (!merchant) throw new ControlProblem(404, 'unknown_merchant', 'no merchant of this mock has this number')
  return merchant
}

function written<Row extends FundRow | TradeRow>(sheet: Sheet<Row>, format: 'jsonl' | 'text'): Readable {
  const { dialect } = sheet.writing
  if (format === 'text') return Readable.from(sheetBytes(sheetLines(sheet), dialect), { objectMode: false })
  return Readable.from(sheetBytes(jsonLines(sheet.rows()), { ...dialect, bom: false, newline: '\n' }), { objectMode: false })
}

const time = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString())

function* jsonLines(rows: Iterable<FundRow | TradeRow>): Generator<string> {
  for (const row of rows) {
    const refund = 'refund' in row && row.refund ? { refund: { ...row.refund, succeededAt: time(row.refund.succeededAt) } } : {}
    yield JSON.stringify({ ...row, at: time(row.at), ...refund })
  }
}
