/** A paid notice with bare pg: what must be stored before it is acknowledged, in one transaction, and nothing else. */
import type pg from 'pg'
import { changeOne, inTransaction, openPool } from './openPool.ts'
import { answerParent, inParallel } from './tasks.ts'

export interface BareNotice {
  protocol: string
  noticeId: string
  raw: string
  orderId: string
  token: string
  paymentId: string
  outTradeNo: string
  transactionId: string
  totalFen: number
  openId: string
}

let pool: pg.Pool
let atOnce = 0
let notices: readonly BareNotice[] = []

async function open(input: { database: pg.PoolConfig; atOnce: number }): Promise<void> {
  atOnce = input.atOnce
  pool = await openPool(input.database, atOnce)
  // Somebody listens, as every process of the API does.
  await (await openPool(input.database, 1)).query('LISTEN bench_changed')
}

const insertNotice = `
  INSERT INTO notices (protocol, notice_id, out_trade_no, transaction_id, payment_id, outcome, raw, received_at)
  VALUES ($1, $2, $3, $4, $5, 'applied', $6, $7)`
const payPayment = `
  UPDATE payments SET status = 'paid', transaction_id = $2, payer_fen = $3, open_id = $4, paid_at = $5, recorded_at = $5
  WHERE id = $1 AND status = 'pending'`
const payOrder = `
  UPDATE orders SET status = 'paid', paid_at = $2, recorded_at = $2, version = version + 1
  WHERE id = $1 AND status = 'unpaid'`

function record({ protocol, noticeId, raw, orderId, token, paymentId, outTradeNo, transactionId, totalFen, openId }: BareNotice) {
  const now = new Date()
  return inTransaction(pool, async (client) => {
    await changeOne(client, insertNotice, [protocol, noticeId, outTradeNo, transactionId, paymentId, raw, now])
    await changeOne(client, payPayment, [paymentId, transactionId, totalFen, openId, now])
    await changeOne(client, payOrder, [orderId, now])
    await client.query("SELECT pg_notify('bench_changed', $1)", [token])
  })
}

answerParent({
  open,
  take: (input: readonly BareNotice[]) => void (notices = input),
  run: () => inParallel(notices, atOnce, record),
})
