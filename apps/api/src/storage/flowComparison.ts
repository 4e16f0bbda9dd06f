import type pg from 'pg'
import type { FundFlowRow } from 'wxpay-core/protocol'
import { copyCell, copyInto } from './billRows.ts'

/** What the rows of a fund-flow bill come to, in fen. */
export interface FlowTotals {
  lines: number
  incomeFen: number
  expenseFen: number
}

/** Puts the lines of a fund-flow bill beside the rows of trade bills, until the end of the transaction. */
export async function loadFlow(
  client: pg.PoolClient,
  batches: AsyncIterable<readonly FundFlowRow[]>,
  onBatch: () => Promise<void>,
): Promise<FlowTotals> {
  const totals: FlowTotals = { lines: 0, incomeFen: 0, expenseFen: 0 }
  await client.query(
    'CREATE TEMP TABLE flow_lines (business_no text NOT NULL, is_trade boolean NOT NULL, fen bigint NOT NULL) ON COMMIT DROP',
  )
  await copyInto(client, 'COPY flow_lines FROM STDIN', linesOf(batches, totals, onBatch))
  await client.query('ANALYZE flow_lines')
  return totals
}

/** WeChat's words for what comes from trades. The one for fees is from its samples, and the rest of the list is not published. */
const tradeTypes = new Set(['交易', '退款', '扣除交易手续费'])

async function* linesOf(
  batches: AsyncIterable<readonly FundFlowRow[]>,
  totals: FlowTotals,
  onBatch: () => Promise<void>,
): AsyncGenerator<string> {
  for await (const batch of batches) {
    let text = ''
    for (const { businessNo, businessType, direction, amountFen } of batch) {
      const isIncome = direction === 'income'
      totals.lines += 1
      if (isIncome) totals.incomeFen += amountFen
      else totals.expenseFen += amountFen
      text += `${copyCell(businessNo)}\t${tradeTypes.has(businessType) ? 't' : 'f'}\t${isIncome ? '' : '-'}${amountFen}\n`
    }
    if (text !== '') yield text
    await onBatch()
  }
}

/** Both in fen: what the trades of the day should have moved, and what they have. */
export interface FlowDifference {
  tradesFen: number
  flowFen: number
  /** How many numbers do not agree, and some of them. */
  numbers: number
  examples: readonly string[]
}

/** What the trades of the day are read from. */
export interface TradesOfDay {
  tradeBillId: string
  /** The trade bills of this day and of those beside it. */
  adjacentIds: readonly string[]
  /** What closed refunds should have moved, which no trade bill says. */
  closed: readonly { refundId: string; milliFen: number }[]
}

/**
 * Compares by WeChat's numbers. Of trades a payment brings its amount less its fee, and a refund takes its amount and gives its share of the fee
 * back. Lines about trades of the days beside are not of this one; lines of other kinds, e.g. what is paid out to the bank, have nothing to do
 * with trades.
 *
 * @param client - in the transaction that has loaded the flow
 */
export async function compareFlow(client: pg.PoolClient, { tradeBillId, adjacentIds, closed }: TradesOfDay): Promise<FlowDifference> {
  const { rows } = await client.query<{ trades: string; flow: string; numbers: number; examples: string[] | null }>(
    `WITH flow AS (
       SELECT business_no AS no, sum(fen) * 1000 AS milli_fen, bool_or(is_trade) AS is_trade FROM flow_lines GROUP BY business_no
     ), trades AS (
       SELECT * FROM unnest($3::text[], $4::bigint[]) AS closed (no, milli_fen)
       UNION ALL
       SELECT no, sum(milli_fen) AS milli_fen FROM (
         SELECT transaction_id AS no, total_fen::bigint * 1000 - fee_milli_fen AS milli_fen
         FROM bill_rows WHERE bill_id = $1 AND kind = 'payment'
         UNION ALL
         SELECT r.refund_id, -r.refund_fen::bigint * 1000 - fee_milli_fen FROM bill_rows r
         WHERE bill_id = $1 AND kind = 'refund' AND NOT EXISTS (SELECT FROM refunds f WHERE f.refund_id = r.refund_id AND f.status = 'closed')
       ) AS moved GROUP BY no
     ), elsewhere AS (
       SELECT transaction_id AS no FROM bill_rows WHERE bill_id = ANY($2::bigint[]) AND kind = 'payment'
       UNION ALL SELECT refund_id FROM bill_rows WHERE bill_id = ANY($2::bigint[]) AND kind = 'refund'
     ), compared AS (
       SELECT no, trades.milli_fen AS trades, coalesce(flow.milli_fen, 0) AS flow FROM trades LEFT JOIN flow USING (no)
       UNION ALL
       SELECT no, 0, flow.milli_fen FROM flow
       WHERE is_trade AND NOT EXISTS (SELECT FROM trades WHERE trades.no = flow.no)
         AND NOT EXISTS (SELECT FROM elsewhere WHERE elsewhere.no = flow.no)
     )
     SELECT round(coalesce(sum(trades), 0) / 1000)::text AS trades, round(coalesce(sum(flow), 0) / 1000)::text AS flow,
       count(*) FILTER (WHERE trades <> flow)::integer AS numbers, (array_agg(no ORDER BY no) FILTER (WHERE trades <> flow))[1:3] AS examples
     FROM compared`,
    [tradeBillId, adjacentIds, closed.map(({ refundId }) => refundId), closed.map(({ milliFen }) => milliFen)],
  )
  const [row] = rows
  if (!row) throw new Error('an aggregate has a row')
  return { tradesFen: Number(row.trades), flowFen: Number(row.flow), numbers: row.numbers, examples: row.examples ?? [] }
}
