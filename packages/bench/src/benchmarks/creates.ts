import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import type { BareCall, BareCheckout } from '../bare/checkouts.ts'
import type { Goal } from '../benchmark.ts'
import type { Plan } from '../harness/compare.ts'
import { openLoad, rawRequest } from '../load/http.ts'
import { startBare } from '../servers/bareProcess.ts'
import { cpuMsOf } from '../servers/cpuTime.ts'
import type { Shop } from '../servers/shop.ts'
import { signedXml } from '../wechat/v2.ts'
import type { Closers } from './closers.ts'
import { expectSame } from './expectSame.ts'
import type { ShopBenchmark } from './onShop.ts'

const atOnce = 8
const totalFen = 4580
const notifyUrl = 'http://127.0.0.1:1/notices'
const goal: Goal = { must: 0.5, aim: 0.75 }
const plan: Plan = { rounds: 9, warmUps: 4, count: 100, budgetMs: 25_000, clock: 'wall' }
const durable = 'the two durable writes with bare pg (order, payment, key; payment, order, notify) + one bare round trip'

interface Bare {
  call: BareCall
  body: (outTradeNo: string) => string
}

export const createV2: ShopBenchmark = {
  name: 'create-v2',
  path: `create a checkout v2 against the mock; ${atOnce} at once`,
  plan,
  protocol: 'v2',
  openOn: (shop, closers) => openCreates(shop, closers, { baseline: durable, bareOf: bareV2 }),
}

export const createV3: ShopBenchmark = {
  name: 'create-v3',
  path: `create a checkout v3 against the mock; ${atOnce} at once`,
  plan,
  protocol: 'v3',
  openOn: (shop, closers) => openCreates(shop, closers, { baseline: `${durable} + one RSA-2048 signature`, bareOf: bareV3 }),
}

function bareV2({ mockUrl, merchant: { appId, mchId, v2Key } }: Shop): Bare {
  const body = (outTradeNo: string): string =>
    signedXml(
      [
        ['appid', appId],
        ['mch_id', mchId],
        ['nonce_str', randomBytes(16).toString('hex')],
        ['sign_type', 'HMAC-SHA256'],
        ['body', 'Measured shop'],
        ['out_trade_no', outTradeNo],
        ['total_fee', String(totalFen)],
        ['spbill_create_ip', '127.0.0.1'],
        ['notify_url', notifyUrl],
        ['trade_type', 'NATIVE'],
        ['product_id', outTradeNo],
      ],
      v2Key,
      'HMAC-SHA256',
    )
  return { call: { url: mockUrl, path: '/pay/unifiedorder', contentType: 'text/xml' }, body }
}

function bareV3({ mockUrl, merchant }: Shop): Bare {
  const { appId, mchId, merchantSerial: serial, merchantPrivateKey: privateKey } = merchant
  const body = (outTradeNo: string): string =>
    JSON.stringify({
      appid: appId,
      mchid: mchId,
      description: 'Measured shop',
      out_trade_no: outTradeNo,
      notify_url: notifyUrl,
      amount: { total: totalFen, currency: 'CNY' },
    })
  const signing = { mchId, serial, privateKey }
  return { call: { url: mockUrl, path: '/v3/pay/transactions/native', contentType: 'application/json', signing }, body }
}

async function openCreates(shop: Shop, closers: Closers, { baseline, bareOf }: { baseline: string; bareOf: (shop: Shop) => Bare }) {
  const { cores, protocol, cpuMs } = shop
  const client = new pg.Client(shop.database)
  await client.connect()
  closers.add({ close: () => client.end() })
  const api = closers.add(await openLoad(shop.apiPort, atOnce))
  const bare = closers.add(startBare('checkouts.ts', cores?.server))
  const { call, body } = bareOf(shop)
  await bare.ask('open', { database: shop.database, atOnce, call })

  const ours = {
    run: (count: number) => api.send(Array.from({ length: count }, openRequest)),
    cpuMs: cpuMs ? () => cpuMs.api() + cpuMs.postgres() : undefined,
  }
  const plain = {
    async prepare(count: number) {
      const checkouts = Array.from({ length: count }, (): BareCheckout => {
        const outTradeNo = `B${randomBytes(12).toString('hex')}`
        return { protocol, token: randomUUID(), outTradeNo, totalFen, body: body(outTradeNo) }
      })
      await bare.ask('take', checkouts)
    },
    run: async () => void (await bare.ask('run', undefined)),
    cpuMs: cpuMs ? () => cpuMsOf([bare.pid]) + cpuMs.postgres() : undefined,
  }

  async function latest(count: number): Promise<unknown> {
    const { rows } = await client.query<Record<string, unknown>>(
      `SELECT orders.status AS order, payments.status AS payment, protocol, trade_type, total_fen, amount_fen, action IS NOT NULL AS has_code,
                (SELECT count(*)::int FROM idempotency_keys WHERE order_id = orders.id) AS keys
         FROM payments JOIN orders ON orders.id = payments.order_id ORDER BY payments.id DESC LIMIT $1`,
      [count],
    )
    return rows
  }

  return {
    ours,
    baselines: [{ name: baseline, goal, side: plain }],
    async check() {
      await ours.run(2)
      const created = await latest(2)
      await plain.prepare(2)
      await plain.run()
      const facts = { order: 'unpaid', payment: 'pending', protocol, trade_type: 'native', total_fen: totalFen, amount_fen: totalFen }
      const wanted = { ...facts, has_code: true, keys: 1 }
      expectSame({ wanted: [wanted, wanted], ours: created, plain: await latest(2) })
    },
  }
}

let shoppers = 0

/** Each from an address of its own, as shoppers come: what an address has open is counted. */
function openRequest(): Buffer {
  const number = shoppers++
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
    'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
  }
  return rawRequest('POST', '/v1/checkouts', headers, JSON.stringify({ amountFen: totalFen }))
}
