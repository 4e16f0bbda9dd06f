import { createHash } from 'node:crypto'
import { WechatUnknownOutcomeError, type BillAnswer } from 'wxpay-core/protocol'

/** A line of a bill, as WeChat writes it: amounts in yuan. */
type Cells = Record<string, string>

export interface PaymentLine {
  outTradeNo: string
  transactionId: string
  totalFen: number
  /** 0.60 % when left out. */
  fee?: string
  at?: string
  mchId?: string
}

export interface RefundLine extends Omit<PaymentLine, 'totalFen'> {
  outRefundNo: string
  refundId: string
  refundFen: number
}

export const billMchId = '1900006042'
const noon = '2026-03-01 12:00:00'

const yuan = (fen: number) => `${fen < 0 ? '-' : ''}${(Math.abs(fen) / 100).toFixed(2)}`
const feeOf = (fen: number) => `${yuan(Math.round((fen * 6) / 1000))}000`

export function paymentLine({
  outTradeNo,
  transactionId,
  totalFen,
  fee = feeOf(totalFen),
  at = noon,
  mchId = billMchId,
}: PaymentLine): Cells {
  return cells({ at, mchId, transactionId, outTradeNo, state: 'SUCCESS', totalFen, fee, refundId: '0', outRefundNo: '0', refundFen: 0 })
}

export function refundLine({ refundFen, fee = feeOf(-refundFen), at = noon, mchId = billMchId, ...numbers }: RefundLine): Cells {
  return cells({ ...numbers, at, mchId, state: 'REFUND', totalFen: 0, fee, refundFen })
}

interface Row {
  at: string
  mchId: string
  transactionId: string
  outTradeNo: string
  state: string
  totalFen: number
  fee: string
  refundId: string
  outRefundNo: string
  refundFen: number
}

const cells = (row: Row): Cells => ({
  交易时间: row.at,
  公众账号ID: 'wx0a1b2c3d4e5f6071',
  商户号: row.mchId,
  特约商户号: '0',
  设备号: '',
  微信订单号: row.transactionId,
  商户订单号: row.outTradeNo,
  用户标识: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
  交易类型: 'NATIVE',
  交易状态: row.state,
  付款银行: 'OTHERS',
  货币种类: 'CNY',
  应结订单金额: yuan(row.totalFen),
  代金券金额: '0.00',
  微信退款单号: row.refundId,
  商户退款单号: row.outRefundNo,
  退款金额: yuan(row.refundFen),
  充值券退款金额: '0.00',
  退款类型: row.state === 'REFUND' ? 'ORIGINAL' : '',
  退款状态: row.state === 'REFUND' ? 'SUCCESS' : '',
  商品名称: '青禾书店',
  商户数据包: '',
  手续费: row.fee,
  费率: '0.60%',
  订单金额: yuan(row.totalFen),
  申请退款金额: yuan(row.refundFen),
  费率备注: '',
})

const tradeSums = {
  应结订单总金额: '应结订单金额',
  退款总金额: '退款金额',
  充值券退款总金额: '充值券退款金额',
  手续费总金额: '手续费',
  订单总金额: '订单金额',
  申请退款总金额: '申请退款金额',
}

/** @param summary - what its last line says that is not so */
export function tradeBillText(lines: readonly Cells[], summary: Cells = {}): string {
  const sum = (column: string) => lines.reduce((total, line) => total + Math.round(Number(line[column]) * 100_000), 0) / 100_000
  const sums = Object.entries(tradeSums).map(([name, column]): [string, string] => [name, sum(column).toFixed(column === '手续费' ? 5 : 2)])
  return csv(Object.keys(paymentLine({ outTradeNo: '', transactionId: '', totalFen: 0 })), lines, {
    总交易单数: String(lines.length),
    ...Object.fromEntries(sums),
    ...summary,
  })
}

/** @param fen - below zero: money that left */
export function flowLine({ businessNo, fen, type = '交易' }: { businessNo: string; fen: number; type?: string }): Cells {
  return {
    记账时间: noon,
    微信支付业务单号: businessNo,
    资金流水单号: businessNo,
    业务名称: type,
    业务类型: type,
    收支类型: fen < 0 ? '支出' : '收入',
    '收支金额(元)': yuan(Math.abs(fen)),
    '账户结余(元)': '1000.00',
    资金变更提交申请人: 'system',
    备注: '',
    业务凭证号: businessNo,
  }
}

export function flowBillText(lines: readonly Cells[]): string {
  const side = (direction: string) => lines.filter((line) => line['收支类型'] === direction)
  const sum = (some: readonly Cells[]) => some.reduce((total, line) => total + Number(line['收支金额(元)']), 0).toFixed(2)
  const [income, expense] = [side('收入'), side('支出')]
  return csv(Object.keys(flowLine({ businessNo: '', fen: 0 })), lines, {
    资金流水总笔数: `${lines.length}.0`,
    收入笔数: `${income.length}.0`,
    收入金额: sum(income),
    支出笔数: `${expense.length}.0`,
    支出金额: sum(expense),
  })
}

function csv(names: readonly string[], lines: readonly Cells[], summary: Cells): string {
  const row = (values: readonly string[]) => values.map((value) => `\`${value}`).join(',')
  return [
    names.join(','),
    ...lines.map((line) => row(Object.values(line))),
    Object.keys(summary).join(','),
    row(Object.values(summary)),
    '',
  ].join('\r\n')
}

export interface FileFaults {
  /** Of other bytes. */
  wrongHash?: boolean
  /** The connection breaks after so many bytes. */
  cutAfter?: number
  /** Runs after each piece. */
  afterPiece?: () => Promise<void>
}

/** The answer of WeChat that has this bill, in pieces as a connection may bring them. */
export function ready(text: string, { wrongHash = false, cutAfter, afterPiece }: FileFaults = {}): BillAnswer {
  const bytes = Buffer.from(text)
  async function* plain(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < (cutAfter ?? bytes.length); at += 1000) {
      yield bytes.subarray(at, Math.min(at + 1000, cutAfter ?? bytes.length))
      await afterPiece?.()
    }
    if (cutAfter !== undefined) throw new WechatUnknownOutcomeError('download', new Error('the connection broke'))
  }
  const sha1 = createHash('sha1').update(bytes).digest('hex')
  return { state: 'ready', file: { plain: plain(), sha1, isWhole: () => !wrongHash } }
}
