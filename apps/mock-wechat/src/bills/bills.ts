import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Switches } from '../config.ts'
import type { Struck } from '../faults/faults.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Protocol } from '../ledger/trade.ts'
import type { Merchant } from '../merchants.ts'
import { standingOf, type BillDay } from './day.ts'
import { spoilFundSheet } from './fundFaults.ts'
import { fundRows, fundSheet, type FundRow } from './fundSheet.ts'
import { movementsOf } from './movements.ts'
import { sheetBytes, sheetLines, type Sheet } from './sheet.ts'
import { syntheticRows, type SyntheticOrder } from './synthetic.ts'
import type { Dialect } from './text.ts'
import type { TradeBillType, Writing } from './tradeColumns.ts'
import { spoilTradeSheet } from './tradeFaults.ts'
import type { TradeRow } from './tradeRow.ts'
import { tradeRows } from './tradeRows.ts'
import { tradeSheet } from './tradeSheet.ts'

/** `other`: a bill that WeChat has and that is always empty here: operation and fee accounts, refunds of recharges. */
export type BillType = TradeBillType | 'FUND-FLOW' | 'other'

/** Which bill of which merchant. */
export interface BillAsked {
  merchant: Merchant
  day: BillDay
  type: BillType
  protocol: Protocol
}

/** The bytes of a bill as it was when it was asked for: the same ones every time. */
export interface Bill {
  bytes(): AsyncGenerator<Buffer>
  /** SHA-1 in hex over the plain bytes, also of a bill that is sent as gzip. */
  hash(): Promise<string>
}

/** Why there is no bill. */
export type NoBill = 'bad-date' | 'creating' | 'none'

type BillSwitches = Pick<Switches, 'feeRate' | 'billBom' | 'billNewline'>

export type Bills = ReturnType<typeof createBills>

/** WeChat's bills, made from the ledger whenever somebody asks. */
export function createBills({ ledger, clock, switches }: { ledger: Ledger; clock: Clock; switches: BillSwitches }) {
  const synthetic = new Map<string, SyntheticOrder & { hashes: Map<string, Promise<string>> }>()
  const key = (merchant: Merchant, day: BillDay) => `${merchant.mchid}/${day.date}`
  const rate = switches.feeRate

  function movements({ merchant, day }: BillAsked) {
    return movementsOf(ledger, { mchid: merchant.mchid, until: day.endAt, rate })
  }

  function tradeLines(asked: BillAsked): () => Iterable<TradeRow> {
    const { merchant, day } = asked
    const order = synthetic.get(key(merchant, day))
    if (order) return () => syntheticRows(order, { merchant, day, rate })
    const all = movements(asked)
    return () => tradeRows(all, day)
  }

  function fundLines(asked: BillAsked): () => Iterable<FundRow> {
    const all = movements(asked)
    return () => fundRows(all, asked.day)
  }

  /** To hash a million rows takes seconds: once is enough. */
  function remembered(bill: Bill, { merchant, day, type, protocol }: BillAsked): Bill {
    const hashes = synthetic.get(key(merchant, day))?.hashes
    if (!hashes) return bill
    const name = `${type}/${protocol}`
    const hash = () => {
      const known = hashes.get(name) ?? bill.hash()
      hashes.set(name, known)
      return known
    }
    return { ...bill, hash }
  }

  const writing = (protocol: Protocol): Writing => ({ rate, dialect: dialectOf(protocol, switches) })
  const trade = (asked: BillAsked, type: TradeBillType): Sheet<TradeRow> =>
    tradeSheet(tradeLines(asked), { type, protocol: asked.protocol, writing: writing(asked.protocol) })
  const funds = (asked: BillAsked): Sheet<FundRow> => fundSheet(fundLines(asked), writing(asked.protocol))

  return {
    trade,
    funds,

    /** A bill that the merchant can have now, with what was ordered to be wrong with it. */
    find(asked: BillAsked, struck: readonly Struck[] = []): Bill | NoBill {
      const { day, type } = asked
      const has = (kind: Struck['kind']) => struck.some((fault) => fault.kind === kind)
      const standing = standingOf(day, clock.now())
      if (standing === 'refused') return 'bad-date'
      if (standing === 'creating' || has('not-ready')) return 'creating'
      if (type === 'other' || has('no-bill')) return 'none'
      if (type === 'FUND-FLOW') return filled(funds(asked), (sheet) => spoilFundSheet(sheet, struck))
      const bill = filled(trade(asked, type), (sheet) => spoilTradeSheet(sheet, type, struck))
      return bill === 'none' || struck.length > 0 ? bill : remembered(bill, asked)
    },

    /** From now on the trade bill of that day has these rows only; none ends it. Kept in memory. @returns the hash of the v3 bill of type ALL */
    async synthesise(merchant: Merchant, day: BillDay, order: SyntheticOrder): Promise<string | null> {
      if (order.rows === 0) synthetic.delete(key(merchant, day))
      else synthetic.set(key(merchant, day), { ...order, hashes: new Map() })
      const asked: BillAsked = { merchant, day, type: 'ALL', protocol: 'v3' }
      return order.rows === 0 ? null : remembered(bytesOf(trade(asked, 'ALL')), asked).hash()
    },

    clear: () => synthetic.clear(),
  }
}

function dialectOf(protocol: Protocol, { billBom, billNewline }: BillSwitches): Dialect {
  return { bom: billBom === 'present', newline: billNewline === 'crlf' ? '\r\n' : '\n', commas: protocol === 'v3' ? 'escaped' : 'raw' }
}

/** A day without a line has no bill; one whose only line a fault has taken has an empty one. */
function filled<Row>(sheet: Sheet<Row>, spoil: (sheet: Sheet<Row>) => Sheet<Row>): Bill | 'none' {
  return sheet.rows()[Symbol.iterator]().next().done ? 'none' : bytesOf(spoil(sheet))
}

function bytesOf<Row>(sheet: Sheet<Row>): Bill {
  const bytes = () => sheetBytes(sheetLines(sheet), sheet.writing.dialect)
  return { bytes, hash: () => hashOf(bytes()) }
}

async function hashOf(bytes: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha1')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}
