import { generateKeyPairSync } from 'node:crypto'
import pg from 'pg'
import type { BareNotice } from '../bare/notices.ts'
import type { Benchmark } from '../benchmark.ts'
import { openLoad, rawRequest } from '../load/http.ts'
import type { Plan } from '../harness/compare.ts'
import { startBare } from '../servers/bareProcess.ts'
import { openCheckout } from '../servers/openCheckout.ts'
import { copyPending, type PendingPayment } from '../servers/pendingPayments.ts'
import { startShop, type Shop, type ShopOptions } from '../servers/shop.ts'
import { noticeFields, signedXml, type Paid } from '../wechat/v2.ts'
import { signedNotice } from '../wechat/v3.ts'
import { Closers } from './closers.ts'
import { expectSame } from './expectSame.ts'

const atOnce = 32
const totalFen = 4580
const plan: Plan = { rounds: 9, warmUps: 2, count: 600, budgetMs: 40_000 }
const statements = 'the same statements with bare pg: notice, guarded payment, order, pg_notify; one transaction'

/** A notice as WeChat sends it, and what identifies it. */
interface Message {
  noticeId: string
  path: string
  headers: Record<string, string>
  body: string
}

export const noticeV2: Benchmark = {
  name: 'notice-v2',
  path: `notice v2: HTTP in → verified → durable → acknowledged; ${atOnce} at once`,
  plan,
  open: (cores) => openNotices({ cores, protocol: 'v2' }, { goal: { must: 0.6, aim: 0.85 }, message: messageV2 }),
}

export const noticeV3: Benchmark = {
  name: 'notice-v3',
  path: `notice v3: HTTP in → verified → durable → acknowledged; ${atOnce} at once`,
  plan,
  open(cores) {
    // The mock keeps WeChat's private key to itself: here WeChat is whoever has this one.
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const keyId = 'PUB_KEY_ID_0119000001092026112100000000000001'
    const noticeKey = { id: keyId, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
    const message: MessageOf = (paid, { merchant }) => {
      const notice = signedNotice(paid, { keyId, privateKey, apiV3Key: merchant.v3Key }, new Date())
      return { ...notice, path: '/notices/v3' }
    }
    return openNotices({ cores, protocol: 'v3', noticeKey }, { goal: { must: 0.55, aim: 0.8 }, message })
  },
}

type MessageOf = (paid: Paid, shop: Shop) => Message

const messageV2: MessageOf = (paid, { merchant }) => {
  const body = signedXml(noticeFields(paid), merchant.v2Key, 'HMAC-SHA256')
  return { noticeId: `bare ${paid.outTradeNo}`, path: '/notices/v2/payments', headers: { 'content-type': 'text/xml' }, body }
}

function openNotices(options: ShopOptions, { goal, message }: { goal: { must: number; aim: number }; message: MessageOf }) {
  return Closers.use(async (closers) => {
    const { cores, protocol } = options
    const shop = closers.add(await startShop(options))
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
      close: () => closers.close(),
    }
  })
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
