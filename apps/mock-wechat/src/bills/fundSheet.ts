import type { BillDay } from './day.ts'
import type { Movement } from './movements.ts'
import type { Sheet, Summary } from './sheet.ts'
import { billTime, customText, yuan } from './text.ts'
import type { Column, Writing } from './tradeColumns.ts'

/** One line of a fund-flow bill. Amounts in fen. */
export interface FundRow {
  at: number
  /** 微信支付业务单号: WeChat's number of the payment or refund. */
  businessNo: string
  flowNo: string
  name: string
  kind: string
  direction: '收入' | '支出'
  fen: number
  /** After this line. */
  balanceFen: number
  remark: string
  /** 业务凭证号: the merchant's own number. */
  voucherNo: string
}

/** What every merchant's account has before the first payment. Ours. */
const openingFen = 100_000

/** @see https://pay.weixin.qq.com/doc/v3/merchant/4012791908 */
const fundColumns: readonly Column<FundRow>[] = [
  ['记账时间', ({ at }) => billTime(at)],
  ['微信支付业务单号', ({ businessNo }) => businessNo],
  ['资金流水单号', ({ flowNo }) => flowNo],
  ['业务名称', ({ name }) => name],
  ['业务类型', ({ kind }) => kind],
  ['收支类型', ({ direction }) => direction],
  ['收支金额(元)', ({ fen }) => yuan(fen)],
  ['账户结余(元)', ({ balanceFen }) => yuan(balanceFen)],
  ['资金变更提交申请人', () => 'system'],
  ['备注', ({ remark }, { dialect }) => customText(remark, dialect)],
  ['业务凭证号', ({ voucherNo }, { dialect }) => customText(voucherNo, dialect)],
]

export const fundSheet = (rows: () => Iterable<FundRow>, writing: Writing): Sheet<FundRow> => ({
  columns: fundColumns,
  rows,
  summary: fundSummary,
  writing,
})

/** The lines of a day, with the balance that all before them have left. @param movements - in the order of time, from the first on */
export function* fundRows(movements: readonly Movement[], day: BillDay): Generator<FundRow> {
  let balanceFen = openingFen
  for (const movement of movements) {
    if (movement.at >= day.endAt) return
    for (const line of linesOf(movement)) {
      balanceFen += line.direction === '收入' ? line.fen : -line.fen
      if (movement.at >= day.startAt) yield { at: movement.toldAt, ...line, balanceFen }
    }
  }
}

type Line = Omit<FundRow, 'at' | 'balanceFen'>

/** A payment comes whole, and its fee leaves by itself; a refund leaves without the fee that comes back. The words for fees and refunds are ours. */
function linesOf(movement: Movement): Line[] {
  const { trade, payment, feeFen } = movement
  if (movement.type !== 'payment') return [refundLine(movement)]
  const { transactionId } = payment
  const line: Line = {
    businessNo: transactionId,
    flowNo: transactionId,
    name: '交易',
    kind: '交易',
    direction: '收入',
    fen: trade.totalFen,
    remark: `结算总金额 ${yuan(trade.totalFen)} 元`,
    voucherNo: trade.outTradeNo,
  }
  if (feeFen === 0) return [line]
  return [line, { ...line, flowNo: `1${transactionId.slice(1)}`, kind: '扣除交易手续费', direction: '支出', fen: feeFen, remark: '' }]
}

function refundLine({ type, refund, feeFen }: Exclude<Movement, { type: 'payment' }>): Line {
  const back = type === 'refund-returned'
  return {
    businessNo: refund.refundId,
    flowNo: back ? `6${refund.refundId.slice(1)}` : refund.refundId,
    name: '退款',
    kind: back ? '退款退回' : '退款',
    direction: back ? '收入' : '支出',
    fen: refund.refundFen - feeFen,
    remark: `退款总金额 ${yuan(refund.refundFen)} 元;含手续费 ${yuan(feeFen)} 元`,
    voucherNo: refund.outRefundNo,
  }
}

/** Counts have a ".0", as in WeChat's samples. */
function fundSummary(): Summary<FundRow> {
  const income = { lines: 0, fen: 0 }
  const spending = { lines: 0, fen: 0 }
  return {
    add({ direction, fen }) {
      const side = direction === '收入' ? income : spending
      side.lines += 1
      side.fen += fen
    },
    cells: () => [
      ['资金流水总笔数', `${income.lines + spending.lines}.0`],
      ['收入笔数', `${income.lines}.0`],
      ['收入金额', yuan(income.fen)],
      ['支出笔数', `${spending.lines}.0`],
      ['支出金额', yuan(spending.fen)],
    ],
  }
}
