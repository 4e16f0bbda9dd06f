import { z } from 'zod'
import type { MockWechat } from '../mockWechat.ts'

const time = z.coerce.date()

const Trade = z.object({
  outTradeNo: z.string(),
  state: z.enum(['NOTPAY', 'SUCCESS', 'CLOSED', 'REFUND']),
  amountFen: z.int(),
  paidAt: time.nullable(),
  transactionId: z.string().nullable(),
})
export type MockTrade = z.infer<typeof Trade>

const Refund = z.object({
  outTradeNo: z.string(),
  outRefundNo: z.string(),
  refundId: z.string(),
  refundFen: z.int(),
  origin: z.enum(['v2', 'v3', 'portal']),
  status: z.enum(['PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL']),
  acceptedAt: time,
  finishedAt: time.nullable(),
})
export type MockRefund = z.infer<typeof Refund>

const BillRow = z.object({
  outTradeNo: z.string(),
  totalFen: z.int(),
  /** Below zero where it comes back. */
  feeFen: z.int(),
  refund: z.object({ refundId: z.string(), outRefundNo: z.string(), refundFen: z.int() }).nullable(),
})
export type MockBillRow = z.infer<typeof BillRow>

const FundLine = z.object({ direction: z.enum(['收入', '支出']), fen: z.int() })

/** What really happened at WeChat: its own books, without the faults of its messages and bills. */
export function ledgerOfMock(mock: MockWechat) {
  const items = async <Shape extends z.ZodType>(path: string, shape: Shape) =>
    z.object({ items: z.array(shape) }).parse(JSON.parse(await mock.see(path))).items
  const lines = async <Shape extends z.ZodType>(path: string, shape: Shape) =>
    (await mock.see(path))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => shape.parse(JSON.parse(line)))

  return {
    trades: () => items('trades', Trade),
    refunds: () => items('refunds', Refund),
    bill: (billDate: string) => lines(`bills?billDate=${billDate}`, BillRow),
    /** What a day has moved on the merchant's account. */
    async flowFen(billDate: string): Promise<number> {
      const all = await lines(`bills?billDate=${billDate}&type=FUND-FLOW`, FundLine)
      return all.reduce((sum, { direction, fen }) => sum + (direction === '收入' ? fen : -fen), 0)
    },
  }
}
