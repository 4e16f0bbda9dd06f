import type { Fen } from '../../money.ts'
import type { BillCells } from './billCells.ts'
import { BillOfAnotherMerchantError } from './billErrors.ts'
import { readRows, type BillForm } from './billRows.ts'
import { BillTotals, type SummaryRules } from './billSummary.ts'
import { readRatePpm } from './feeRate.ts'

interface TradeBillFacts {
  /** In the bill, counted from 1. */
  line: number
  /** Of the payment; of a refund, when it was accepted. */
  at: Date
  appId: string
  mchId: string
  transactionId: string
  outTradeNo: string
  /** WeChat's word, e.g. NATIVE, JSAPI, MWEB. */
  tradeType: string
  /** What the order costs (订单金额; in the old form 总金额): 0 in the row of a refund. */
  totalFen: Fen
  /** WeChat's fee in thousandths of a fen, exactly as it stands there: 0.27000 yuan are 27,000. Negative where it comes back with a refund. */
  feeMilliFen: number
  /** Of the fee, in millionths: 0.60% is 6000. null where the bill names none that can be read. */
  ratePpm: number | null
}

/**
 * One row of a trade bill. A refund stands on the day it was accepted, and is never updated. `revoked`: a payment by the payer's own code that
 * was taken back at the till, which no shop of ours makes, and which a merchant may make elsewhere.
 */
export type TradeBillRow =
  | (TradeBillFacts & { kind: 'payment' | 'revoked' })
  | (TradeBillFacts & {
      kind: 'refund'
      outRefundNo: string
      refundId: string
      /** What was asked for (申请退款金额; in the old form 退款金额). */
      refundFen: Fen
      /** WeChat's word, e.g. SUCCESS, PROCESSING, FAIL, CHANGE; may be empty. */
      refundStatus: string
    })

export interface TradeBillOptions {
  /** Ours: a row of another merchant makes the bill somebody else's. */
  mchId: string
}

/**
 * Reads a trade bill (ALL, SUCCESS or REFUND, and the short form that old merchants get) while it arrives. The rows before an error must not
 * be counted: whether the bill is whole is known at its end, when its summary has been compared.
 *
 * @throws {BillBrokenError} @throws {BillOfAnotherMerchantError}, and what `plain` throws
 * @see https://pay.weixin.qq.com/doc/v2/merchant/4011985040
 */
export async function* readTradeBill(plain: AsyncIterable<Uint8Array>, options: TradeBillOptions): AsyncGenerator<TradeBillRow> {
  for await (const rows of readTradeBillInBatches(plain, options)) for (const row of rows) yield row
}

/** The same, some hundred rows at a time: for who has a million to read. */
export function readTradeBillInBatches(plain: AsyncIterable<Uint8Array>, { mchId }: TradeBillOptions): AsyncGenerator<TradeBillRow[]> {
  return readRows(plain, formOf(mchId))
}

const summary: SummaryRules = {
  count: '总交易单数',
  sums: [
    { total: '应结订单总金额', column: '应结订单金额', decimals: 2 },
    { total: '退款总金额', column: '退款金额', decimals: 2 },
    { total: '充值券退款总金额', column: '充值券退款金额', decimals: 2 },
    { total: '手续费总金额', column: '手续费', decimals: 5 },
    { total: '订单总金额', column: '订单金额', decimals: 2 },
    { total: '申请退款总金额', column: '申请退款金额', decimals: 2 },
    // of the old form
    { total: '总交易额', column: '总金额', decimals: 2 },
    { total: '总退款金额', column: '退款金额', decimals: 2 },
  ],
}

const formOf = (mchId: string): BillForm<TradeBillRow> => ({
  lastText: '商户数据包',
  totals: (cells) => new BillTotals(cells, summary),
  rowReader: (cells) => rowReaderOf(cells, mchId),
})

const bytesOf = (text: string) => Buffer.from(text)
const success = bytesOf('SUCCESS')
const refunded = bytesOf('REFUND')
const revoked = bytesOf('REVOKED')

function rowReaderOf(cells: BillCells, mchId: string): () => TradeBillRow {
  const readFacts = factsReaderOf(cells, mchId)
  const readRefund = refundReaderOf(cells)
  const state = cells.columns.need('交易状态')

  return () => {
    if (cells.is(state, success)) {
      if (readRefund()) return cells.broken(state, 'says paid, and there is the number of a refund')
      return readFacts('payment')
    }
    if (cells.is(state, revoked)) return readFacts('revoked')
    if (!cells.is(state, refunded)) return cells.broken(state, 'is no state that is known')
    const refund = readRefund()
    if (!refund) return cells.broken(state, 'says refund, and there is no number of one')
    return { ...readFacts('refund'), ...refund }
  }
}

function factsReaderOf(cells: BillCells, mchId: string) {
  const { need } = cells.columns
  const at = need('交易时间')
  const app = need('公众账号ID')
  const merchant = need('商户号')
  const transaction = need('微信订单号')
  const order = need('商户订单号')
  const type = need('交易类型')
  const total = need('订单金额', '总金额')
  const fee = need('手续费')
  const readRate = rateReaderOf(cells)
  const ours = bytesOf(mchId)
  const readApp = cells.repeated(app)
  const readType = cells.repeated(type)

  return <Kind extends TradeBillRow['kind']>(kind: Kind): TradeBillFacts & { kind: Kind } => {
    if (!cells.is(merchant, ours)) throw new BillOfAnotherMerchantError(cells.line)
    return {
      kind,
      line: cells.line,
      at: new Date(cells.timeMs(at)),
      appId: readApp(),
      mchId,
      transactionId: cells.plain(transaction),
      outTradeNo: cells.plain(order),
      tradeType: readType(),
      totalFen: tradeFen(cells, total),
      feeMilliFen: cells.amount(fee, 5),
      ratePpm: readRate(),
    }
  }
}

/** 21 million yuan: whoever keeps the rows may count on 32 bits. WeChat names no limit of its own. */
const maxTradeFen = 2 ** 31 - 1

/** @throws {BillBrokenError} */
function tradeFen(cells: BillCells, column: number): Fen {
  const fen = cells.fen(column)
  return fen > maxTradeFen ? cells.broken(column, 'is more than any payment') : fen
}

/** Most rows have the same. */
function rateReaderOf(cells: BillCells): () => number | null {
  const column = cells.columns.find('费率')
  if (column === -1) return () => null
  const readText = cells.repeated(column)
  let known = ''
  let ppm = readRatePpm(known)
  return () => {
    const text = readText()
    if (text !== known) [known, ppm] = [text, readRatePpm(text)]
    return ppm
  }
}

const none = bytesOf('0')
const nothing = bytesOf('')

/** undefined: the row is of no refund, which has "0" or nothing for its numbers. A bill of payments has no such columns. */
function refundReaderOf(cells: BillCells) {
  const { find, need } = cells.columns
  const ours = find('商户退款单号')
  if (ours === -1) return () => undefined
  const wechats = need('微信退款单号')
  const amount = need('申请退款金额', '退款金额')
  const status = need('退款状态')
  const readStatus = cells.repeated(status)
  const isNone = (column: number) => cells.is(column, none) || cells.is(column, nothing)

  return () => {
    if (isNone(ours) && isNone(wechats)) return undefined
    return {
      outRefundNo: cells.plain(ours),
      refundId: cells.plain(wechats),
      refundFen: tradeFen(cells, amount),
      refundStatus: readStatus(),
    }
  }
}
