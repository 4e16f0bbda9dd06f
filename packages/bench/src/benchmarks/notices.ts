import pg from 'pg'
import type { BareNotice } from '../bare/notices.ts'
import type { Goal } from '../benchmark.ts'
import { openLoad, rawRequest } from '../load/http.ts'
import type { Plan } from '../harness/compare.ts'
import { startBare } from '../servers/bareProcess.ts'
import { openCheckout } from '../servers/openCheckout.ts'
import { copyPending, type PendingPayment } from '../servers/pendingPayments.ts'
import { cpuMsOf } from '../servers/cpuTime.ts'
import type { Shop } from '../servers/shop.ts'
import { noticeFields, signedXml, type Paid } from '../wechat/v2.ts'
import { signedNotice } from '../wechat/v3.ts'
import type { Closers } from './closers.ts'
import { expectSame } from './expectSame.ts'
import type { ShopBenchmark } from './onShop.ts'

const atOnce = 32
const totalFen = 4580
const plan: Plan = { rounds: 9, warmUps: 4, count: 400, budgetMs: 25_000, clock: 'wall' }
const statements = 'the same statements with bare pg: notice, guarded payment, order, pg_notify; one transaction'

/** A notice as WeChat sends it, and what identifies it. */
interface Message {
  noticeId: string
  path: string
  headers: Record<string, string>
  body: string
}

export const noticeV2: ShopBenchmark = {
  name: 'notice-v2',
  path: `notice v2: HTTP in → verified → durable → acknowledged; ${atOnce} at once`,
  plan,
  protocol: 'v2',
  openOn: (shop, closers) => openNotices(shop, closers, { goal: { must: 0.6, aim: 0.85 }, message: messageV2 }),
}

export const noticeV3: ShopBenchmark = {
  name: 'notice-v3',
  path: `notice v3: HTTP in → verified → durable → acknowledged; ${atOnce} at once`,
  plan,
  protocol: 'v3',
  openOn: (shop, closers) => openNotices(shop, closers, { goal: { must: 0.55, aim: 0.8 }, message: messageV3 }),
}

type MessageOf = (paid: Paid, shop: Shop) => Message

const messageV2: MessageOf = (paid, { merchant }) => {
  const body = signedXml(noticeFields(paid), merchant.v2Key, 'HMAC-SHA256')
  return { noticeId: `bare ${paid.outTradeNo}`, path: '/notices/v2/payments', headers: { 'content-type': 'text/xml' }, body }
}

const messageV3: MessageOf = (paid, { noticeKeys }) => ({ ...signedNotice(paid, noticeKeys, new Date()), path: '/notices/v3' })

async function openNotices(shop: Shop, closers: Closers, { goal, message }: { goal: Goal; message: MessageOf }) {
  const { cores, protocol, cpuMs } = shop
  const client = new pg.Client(shop.database)
  await client.connect()
  closers.add({ close: () => client.end() })
  const { token } = await openCheckout(shop.apiPort)
  const api = closers.add(await openLoad(shop.apiPort, atOnce))
  const bare = closers.add(startBare('notices.ts', cores?.server))
  await bare.ask('open', { database: shop.database, atOnce })

  const paidOf = ({ outTradeNo, transactionId }: PendingPayment): Paid => {
    const { appId, mchId } = shop.merchant
    return { appId, mchId, outTradeNo, transactionId, totalFen }
  }
  let requests: Buffer[] = []
  const ours = {
    async prepare(count: number) {
      const payments = await copyPending(client, token, count)
      requests = payments.map((payment) => {
        const { path, headers, body } = message(paidOf(payment), shop)
        return rawRequest('POST', path, headers, body)
      })
    },
    run: () => api.send(requests),
    cpuMs: cpuMs ? () => cpuMs.api() + cpuMs.postgres() : undefined,
  }
  const plain = {
    async prepare(count: number) {
      const payments = await copyPending(client, token, count)
      const notices = payments.map((payment): BareNotice => {
        const { noticeId, body: raw } = message(paidOf(payment), shop)
        return { ...payment, protocol, noticeId, raw, totalFen, openId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' }
      })
      await bare.ask('take', notices)
    },
    run: async () => void (await bare.ask('run', undefined)),
    cpuMs: cpuMs ? () => cpuMsOf([bare.pid]) + cpuMs.postgres() : undefined,
  }

  /** What is in the database of the latest notices. */
  async function recorded(count: number): Promise<unknown> {
    const { rows } = await client.query<Record<string, unknown>>(
      `SELECT orders.status AS order, payments.status AS payment, payer_fen, open_id, outcome, deliveries, notices.protocol,
                payments.transaction_id = notices.transaction_id AS same_number
         FROM notices JOIN payments ON payments.id = notices.payment_id JOIN orders ON orders.id = payments.order_id
         ORDER BY notices.id DESC LIMIT $1`,
      [count],
    )
    return rows
  }

  return {
    ours,
    baselines: [{ name: statements, goal, side: plain }],
    async check() {
      const results: Record<string, unknown> = {}
      for (const [name, side] of Object.entries({ ours, plain })) {
        await side.prepare(2)
        await side.run()
        results[name] = await recorded(2)
      }
      expectSame({ wanted: Array.from({ length: 2 }, () => wanted(protocol)), ...results })
    },
  }
}

function wanted(protocol: string) {
  return {
    order: 'paid',
    payment: 'paid',
    payer_fen: totalFen,
    open_id: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    outcome: 'applied',
    deliveries: 1,
    protocol,
    same_number: true,
  }
}
