import type { Fen } from '../../money.ts'
import type { BillCells } from './billCells.ts'
import { BillTotals } from './billSummary.ts'
import { readRows, type BillForm } from './billRows.ts'

/** One movement on the merchant's basic account. */
export interface FundFlowRow {
  /** In the bill, counted from 1. */
  line: number
  at: Date
  /** 微信支付业务单号: of a payment its transaction_id, of a refund its refund_id. */
  businessNo: string
  /** 资金流水单号 */
  flowNo: string
  /** 业务名称 and 业务类型, WeChat's words, e.g. 交易, 退款, 扣除交易手续费. */
  businessName: string
  businessType: string
  direction: 'income' | 'expense'
  amountFen: Fen
  /** Of the account after it, in fen; negative where WeChat says so. */
  balanceFen: number
  /** 备注 */
  note: string
  /** 业务凭证号: the merchant's number of what it is about. */
  voucherNo: string
}

/**
 * Reads a fund-flow bill while it arrives. It names no merchant: whose it is follows from who asked for it. As with the trade bill, nothing
 * may be counted before its end.
 *
 * @throws {BillBrokenError}, and what `plain` throws
 * @see https://pay.weixin.qq.com/doc/v2/merchant/4011939779
 */
export async function* readFundFlowBill(plain: AsyncIterable<Uint8Array>): AsyncGenerator<FundFlowRow> {
  for await (const rows of readFundFlowBillInBatches(plain)) for (const row of rows) yield row
}

/** The same, some hundred rows at a time. */
export function readFundFlowBillInBatches(plain: AsyncIterable<Uint8Array>): AsyncGenerator<FundFlowRow[]> {
  return readRows(plain, form)
}

const income = Buffer.from('收入')
const expense = Buffer.from('支出')

const form: BillForm<FundFlowRow> = {
  lastText: '备注',
  totals: (cells) => {
    const direction = cells.columns.need('收支类型')
    return new BillTotals(cells, {
      count: '资金流水总笔数',
      counts: [
        { total: '收入笔数', of: () => cells.is(direction, income) },
        { total: '支出笔数', of: () => cells.is(direction, expense) },
      ],
      sums: [
        { total: '收入金额', column: '收支金额(元)', decimals: 2, of: () => cells.is(direction, income) },
        { total: '支出金额', column: '收支金额(元)', decimals: 2, of: () => cells.is(direction, expense) },
      ],
    })
  },
  rowReader: (cells) => {
    const { need } = cells.columns
    const at = need('记账时间')
    const business = need('微信支付业务单号')
    const flow = need('资金流水单号')
    const readName = cells.repeated(need('业务名称'))
    const readType = cells.repeated(need('业务类型'))
    const readDirection = directionReaderOf(cells)
    const amount = need('收支金额(元)')
    const balance = need('账户结余(元)')
    const note = need('备注')
    const voucher = need('业务凭证号')

    return () => ({
      line: cells.line,
      at: new Date(cells.timeMs(at)),
      businessNo: cells.text(business),
      flowNo: cells.text(flow),
      businessName: readName(),
      businessType: readType(),
      direction: readDirection(),
      amountFen: cells.fen(amount),
      balanceFen: cells.amount(balance, 2),
      note: cells.text(note),
      voucherNo: cells.text(voucher),
    })
  },
}

function directionReaderOf(cells: BillCells): () => FundFlowRow['direction'] {
  const column = cells.columns.need('收支类型')
  return () => {
    if (cells.is(column, income)) return 'income'
    return cells.is(column, expense) ? 'expense' : cells.broken(column, 'is neither income nor expense')
  }
}
