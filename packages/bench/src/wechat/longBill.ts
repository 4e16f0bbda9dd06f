import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A trade bill of one day as WeChat writes it. */
export interface LongBill {
  day: string
  mchId: string
  appId: string
  rows: number
}

/** Of the row with this index, counted from 0: what the database is given for ours, too. */
export const longBillNumbers = {
  outTradeNo: (day: string, index: number) => `S${day.replaceAll('-', '')}${String(index).padStart(10, '0')}`,
  transactionId: (day: string, index: number) => `4200099999${day.replaceAll('-', '')}${String(index).padStart(10, '0')}`,
  totalFen: (index: number) => 1 + ((index * 7919) % 100_000),
}

const header =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,' +
  '微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注'
const summaryHeader = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额'

const yuan = (fen: number) => (fen / 100).toFixed(2)
const feeFenOf = (fen: number) => Math.round((fen * 6) / 1_000)

export async function writeLongBill(file: string, bill: LongBill): Promise<void> {
  await pipeline(Readable.from(pieces(bill)), createWriteStream(file))
}

function* pieces({ day, mchId, appId, rows }: LongBill): Generator<string> {
  yield `\ufeff${header}\r\n`
  let text = ''
  let totalFen = 0
  let feeFen = 0
  for (let index = 0; index < rows; index++) {
    const fen = longBillNumbers.totalFen(index)
    const fee = feeFenOf(fen)
    totalFen += fen
    feeFen += fee
    const ids = `\`${day} 12:00:00,\`${appId},\`${mchId},\`0,\`,\`${longBillNumbers.transactionId(day, index)}`
    const order = `\`${longBillNumbers.outTradeNo(day, index)},\`oDocs5aX1tVbQ9rLkEwZ3yPn7mUc,\`NATIVE,\`SUCCESS,\`OTHERS,\`CNY`
    const sums = `\`${yuan(fen)},\`0.00,\`0,\`0,\`0.00,\`0.00,\`,\`,\`青禾书店-《海图》,\`,\`${yuan(fee)}000,\`0.60%,\`${yuan(fen)},\`0.00,\``
    text += `${ids},${order},${sums}\r\n`
    if (text.length < 262_144) continue
    yield text
    text = ''
  }
  const total = yuan(totalFen)
  yield `${text}${summaryHeader}\r\n\`${rows},\`${total},\`0.00,\`0.00,\`${yuan(feeFen)}000,\`${total},\`0.00\r\n`
}
