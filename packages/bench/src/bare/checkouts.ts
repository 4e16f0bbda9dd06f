/** A checkout with bare pg: store, call WeChat, record; two transactions, one round trip, and nothing else. */
import { createPrivateKey, randomBytes, sign, type KeyObject } from 'node:crypto'
import type pg from 'pg'
import { Agent, request } from 'undici'
import { changeOne, inTransaction, openPool } from './openPool.ts'
import { answerParent, inParallel } from './tasks.ts'

export interface BareCheckout {
  protocol: string
  token: string
  outTradeNo: string
  totalFen: number
  /** The call's body; v2's is signed already. */
  body: string
}

export interface BareCall {
  url: string
  path: string
  contentType: string
  /** v3 signs each call. */
  signing?: { mchId: string; serial: string; privateKey: string }
}

let pool: pg.Pool
let atOnce = 0
let call: BareCall
let privateKey: KeyObject | undefined
let checkouts: readonly BareCheckout[] = []
const agent = new Agent()

async function open(input: { database: pg.PoolConfig; atOnce: number; call: BareCall }): Promise<void> {
  ;({ atOnce, call } = input)
  privateKey = call.signing && createPrivateKey(call.signing.privateKey)
  pool = await openPool(input.database, atOnce)
}

/** After any run: nobody is to work on what is made here. */
const longAfter = new Date(Date.now() + 86_400_000)

async function create(checkout: BareCheckout): Promise<void> {
  const paymentId = await store(checkout)
  const answer = await ask(checkout.body)
  await record(checkout, paymentId, answer)
}

async function store({ protocol, token, outTradeNo, totalFen, body }: BareCheckout): Promise<string> {
  const now = new Date()
  let paymentId = ''
  await inTransaction(pool, async (client) => {
    const order = await client.query<{ id: string }>(
      `INSERT INTO orders (token, order_no, amount_fen, description, client_address, status, created_at)
       VALUES ($1, $2, $3, 'Measured shop', 'bench', 'unpaid', $4) RETURNING id`,
      [token, outTradeNo, totalFen, now],
    )
    const payment = await client.query<{ id: string }>(
      `INSERT INTO payments (order_id, out_trade_no, protocol, trade_type, total_fen, request, status, created_at, expires_at, next_prepare_at)
       VALUES ($1, $2, $3, 'native', $4, $5, 'preparing', $6, $7, $7) RETURNING id`,
      [order.rows[0]?.id, outTradeNo, protocol, totalFen, JSON.stringify({ body }), now, longAfter],
    )
    paymentId = payment.rows[0]?.id ?? ''
    await changeOne(
      client,
      `INSERT INTO idempotency_keys (scope, key, fingerprint, order_id, payment_id, lease_until, created_at)
       VALUES ('bench', $1, $1, $2, $3, $4, $4)`,
      [token, order.rows[0]?.id, paymentId, now],
    )
  })
  return paymentId
}

async function ask(body: string): Promise<string> {
  const { url, path, contentType } = call
  const headers = { 'content-type': contentType, accept: 'application/json', 'user-agent': 'bench', ...authorization(body) }
  const answer = await request(url + path, { method: 'POST', dispatcher: agent, headers, body })
  const text = await answer.body.text()
  if (answer.statusCode !== 200 || !text.includes('weixin://')) throw new Error(`the mock answered ${answer.statusCode}: ${text}`)
  return text
}

/** @see https://pay.weixin.qq.com/doc/v3/merchant/4012365336 */
function authorization(body: string): { authorization?: string } {
  if (!call.signing || !privateKey) return {}
  const { mchId, serial } = call.signing
  const nonce = randomBytes(16).toString('hex').toUpperCase()
  const timestamp = Math.floor(Date.now() / 1000)
  const signature = sign('sha256', Buffer.from(`POST\n${call.path}\n${timestamp}\n${nonce}\n${body}\n`), privateKey).toString('base64')
  return {
    authorization: `WECHATPAY2-SHA256-RSA2048 mchid="${mchId}",nonce_str="${nonce}",timestamp="${timestamp}",serial_no="${serial}",signature="${signature}"`,
  }
}

function record({ token }: BareCheckout, paymentId: string, answer: string): Promise<void> {
  const now = new Date()
  return inTransaction(pool, async (client) => {
    await changeOne(
      client,
      `UPDATE payments SET status = 'pending', action = $2, shown_at = $3, code_expires_at = $4, next_query_at = $4, next_close_at = $4
       WHERE id = $1 AND status = 'preparing'`,
      [paymentId, JSON.stringify({ answer }), now, longAfter],
    )
    await changeOne(client, 'UPDATE orders SET version = version + 1 WHERE token = $1', [token])
    await client.query("SELECT pg_notify('bench_changed', $1)", [token])
  })
}

answerParent({
  open,
  take: (input: readonly BareCheckout[]) => void (checkouts = input),
  run: () => inParallel(checkouts, atOnce, create),
})
