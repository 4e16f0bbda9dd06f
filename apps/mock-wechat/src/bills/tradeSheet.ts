import type { Protocol } from '../ledger/trade.ts'
import type { Sheet, Summary } from './sheet.ts'
import { feeYuan, yuan } from './text.ts'
import { belongs, tradeColumns, type TradeBillType, type Writing } from './tradeColumns.ts'
import type { TradeRow } from './tradeRow.ts'

export interface TradeBillOptions {
  type: TradeBillType
  protocol: Protocol
  writing: Writing
}

/** A trade bill over rows of both kinds. @param rows - in the order of time, from the start at each call */
export function tradeSheet(rows: () => Iterable<TradeRow>, { type, protocol, writing }: TradeBillOptions): Sheet<TradeRow> {
  return {
    columns: tradeColumns[type],
    rows: () => ofType(rows(), type),
    summary: () => tradeSummary(type === 'SUCCESS' && protocol === 'v3' ? 'short' : 'full'),
    writing,
  }
}

function* ofType(rows: Iterable<TradeRow>, type: TradeBillType): Generator<TradeRow> {
  for (const row of rows) if (belongs(row, type)) yield row
}

/** `short`: bills of type SUCCESS in v3, since 2024. */
function tradeSummary(form: 'full' | 'short'): Summary<TradeRow> {
  const sum = { rows: 0, settled: 0, refunded: 0, coupons: 0, fees: 0, totals: 0 }
  return {
    add({ settledFen, totalFen, feeFen, refund }) {
      sum.rows += 1
      sum.settled += settledFen
      sum.totals += totalFen
      sum.fees += feeFen
      sum.refunded += refund?.refundFen ?? 0
      sum.coupons += refund?.couponFen ?? 0
    },
    cells() {
      const refunds = [
        ['退款总金额', yuan(sum.refunded)],
        ['充值券退款总金额', yuan(sum.coupons)],
      ] as const
      return [
        ['总交易单数', String(sum.rows)],
        ['应结订单总金额', yuan(sum.settled)],
        ...(form === 'full' ? refunds : []),
        ['手续费总金额', feeYuan(sum.fees)],
        ['订单总金额', yuan(sum.totals)],
        ...(form === 'full' ? [['申请退款总金额', yuan(sum.refunded)] as const] : []),
      ]
    },
  }
}
