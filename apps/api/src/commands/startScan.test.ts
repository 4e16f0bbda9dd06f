import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import type { Scan } from 'wxpay-core/protocol'
import { saveProduct, removeProduct } from '../storage/products.ts'
import { InterleavingPlugin } from '../testing/databaseFaults.ts'
import type { Course } from '../testing/fakeWechat.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { startScan, type StartScanContext } from './startScan.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(async () => {
  await shop.reset()
  await shop.sql('DELETE FROM products')
  await put({})
})
afterAll(() => shop.close())

const patienceMs = 20_000

const put = (change: { productId?: string; priceFen?: number; active?: boolean }) =>
  saveProduct(
    shop.db,
    {
      productId: change.productId ?? 'BOOK-0042',
      name: '《海图》',
      priceFen: toFen(change.priceFen ?? 4580),
      active: change.active ?? true,
    },
    shop.clock.now(),
  )

const aScan = (change: Partial<Scan> = {}): Scan => ({
  productId: 'BOOK-0042',
  openId: 'oLin',
  subscribed: false,
  nonce: randomUUID(),
  ...change,
})
const context = (): StartScanContext => ({ ...shop.context, protocol: shop.wechat.protocol, isOpen: true })
const start = (scan: Scan, withinMs = patienceMs, change: Partial<StartScanContext> = {}) =>
  startScan({ ...context(), ...change }, scan, withinMs)

interface Stored {
  token: string
  amount_fen: number
  description: string
  order_status: string
  out_trade_no: string
  status: string
}

/** The orders of payers whose openid begins like this. */
async function ordersOf(openId: string): Promise<Stored[]> {
  const rows = await shop.sql(
    `SELECT token, amount_fen, description, orders.status AS order_status, out_trade_no, payments.status
     FROM orders JOIN payments ON payments.order_id = orders.id WHERE client_address = $1 ORDER BY orders.id`,
    [`openid ${openId}`],
  )
  return rows as unknown as Stored[]
}

describe('a scan of a printed code', () => {
  it('R2 is an order for the product at its price now, stored before WeChat is called, and answered with the prepay id', async () => {
    let request: unknown
    shop.wechat.during.prepay = async (outTradeNo): Promise<Course> => {
      request = (await shop.sql('SELECT request FROM payments WHERE out_trade_no = $1', [outTradeNo]))[0]?.['request']
      return 'answer'
    }
    const outcome = await start(aScan({ openId: 'oFirst' }))
    const [order, ...more] = await ordersOf('oFirst')
    expect(more).toEqual([])
    expect(outcome).toEqual({ outcome: 'prepared', prepayId: `wx${order?.out_trade_no}` })
    expect(order).toMatchObject({ amount_fen: 4580, description: '《海图》', order_status: 'unpaid', status: 'pending' })
    expect(request).toMatchObject({ tradeType: 'native', productId: 'BOOK-0042', totalFen: 4580 })
  })

  it('R1 that comes 20 times at once, and once more, is one order, one create and one prepay id', async () => {
    const scan = aScan({ openId: 'oTwenty' })
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => start(scan)))
    outcomes.push(await start(scan))
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1)
    expect(outcomes[0]).toMatchObject({ outcome: 'prepared' })
    expect(await ordersOf('oTwenty')).toHaveLength(1)
    expect(shop.wechat.callsOf('prepay')).toBe(1)
  })

  it('R1 that comes twice at once is the same also for who read the clock first and had to wait', async () => {
    const scan = aScan({ openId: 'oClock' })
    const { payments } = shop.context
    const behind = { ...payments, store: { ...payments.store, clock: { now: () => new Date(shop.clock.now().getTime() - 40) } } }
    const first = await start(scan)
    expect(first).toMatchObject({ outcome: 'prepared' })
    expect(await start(scan, patienceMs, { payments: behind })).toEqual(first)
  })

  it.each([
    { is: 'of another payer', other: { openId: 'oAnother' } },
    { is: 'of another product', other: { productId: 'BOOK-0043' } },
    { is: 'later, with another nonce', other: { nonce: randomUUID() } },
  ])('that is $is is another order, whatever else is the same', async ({ other }) => {
    await put({ productId: 'BOOK-0043' })
    const scan = aScan({ openId: `o${randomUUID()}` })
    const outcomes = [await start(scan), await start({ ...scan, ...other })]
    expect(outcomes).toMatchObject([{ outcome: 'prepared' }, { outcome: 'prepared' }])
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(2)
  })

  it('takes the price of its moment, and keeps it when it comes again', async () => {
    const scan = aScan({ openId: 'oPrice' })
    const first = await start(scan)
    await put({ priceFen: 5000 })
    expect(await start(scan)).toEqual(first)
    await start(aScan({ openId: 'oPrice' }))
    expect((await ordersOf('oPrice')).map(({ amount_fen }) => amount_fen)).toEqual([4580, 5000])
  })

  it('is paid by the ordinary notice', async () => {
    await start(aScan({ openId: 'oPays' }))
    const [order] = await ordersOf('oPays')
    expect(await shop.notice(shop.wechat.pay(order?.out_trade_no ?? ''))).toBe('applied')
    expect((await shop.read(order?.token ?? '')).order.status).toBe('paid')
  })

  it('that was paid already is declined when it comes again', async () => {
    const scan = aScan({ openId: 'oAgain' })
    await start(scan)
    const [order] = await ordersOf('oAgain')
    await shop.notice(shop.wechat.pay(order?.out_trade_no ?? ''))
    expect(await start(scan)).toEqual({ outcome: 'declined', because: 'settled' })
  })
})

describe('a scan that nothing is sold to', () => {
  it.each([
    ['the product is unknown', 'unknown-product', async () => aScan({ openId: 'oNothing', productId: 'NO-SUCH' })],
    [
      'the product is switched off',
      'inactive-product',
      async () => (await put({ productId: 'OLD', active: false }), aScan({ openId: 'oNothing', productId: 'OLD' })),
    ],
    ['nothing is sold at all', 'shop-closed', async () => (await put({ active: false }), aScan({ openId: 'oNothing' }))],
    ['there are no products', 'shop-closed', async () => (await removeProduct(shop.db, 'BOOK-0042'), aScan({ openId: 'oNothing' }))],
  ] as [string, string, () => Promise<Scan>][])('is declined and stores nothing when %s', async (_when, because, prepare) => {
    const scan = await prepare()
    const keys = await shop.sql('SELECT key FROM idempotency_keys')
    expect(await start(scan)).toEqual({ outcome: 'declined', because })
    expect(await ordersOf('oNothing')).toEqual([])
    expect(await shop.sql('SELECT key FROM idempotency_keys')).toEqual(keys)
    expect(shop.wechat.calls).toEqual([])
  })

  it('is declined when the shop has switched printed codes off', async () => {
    expect(await start(aScan({ openId: 'oNothing' }), patienceMs, { isOpen: false })).toEqual({
      outcome: 'declined',
      because: 'shop-closed',
    })
    expect(await ordersOf('oNothing')).toEqual([])
  })

  it('R25 is declined for a payer who leaves too many orders open', async () => {
    const limits = { createPerMinute: 100, openOrdersPerAddress: 2 }
    for (let i = 0; i < 2; i += 1)
      expect(await start(aScan({ openId: 'oMany' }), patienceMs, { limits })).toMatchObject({ outcome: 'prepared' })
    expect(await start(aScan({ openId: 'oMany' }), patienceMs, { limits })).toEqual({ outcome: 'declined', because: 'too-many' })
    expect(await ordersOf('oMany')).toHaveLength(2)
  })
})

describe('a scan that WeChat gives no prepay id for', () => {
  it('is declined, and its order ends, when WeChat refuses', async () => {
    shop.wechat.refuseWith = { code: 'NOAUTH', description: '商户号该产品权限未开通' }
    expect(await start(aScan({ openId: 'oRefused' }))).toEqual({ outcome: 'declined', because: 'refused' })
    expect(await ordersOf('oRefused')).toMatchObject([{ order_status: 'closed', status: 'refused' }])
  })

  it.each(['lose-before', 'lose-after'] as const)(
    'R4 is declined when the outcome is unknown (%s), and closed by the book, not by a local update',
    async (course) => {
      const openId = `o${course}`
      shop.wechat.during.prepay = (): Course => course
      expect(await start(aScan({ openId }), 100)).toEqual({ outcome: 'declined', because: 'unavailable' })
      expect(await ordersOf(openId)).toMatchObject([{ order_status: 'unpaid', status: 'closing' }])
      shop.wechat.during.prepay = (): Course => 'answer'
      await shop.work(120_000)
      expect(await ordersOf(openId)).toMatchObject([{ order_status: 'closed', status: 'closed' }])
      const [order] = await ordersOf(openId)
      expect(shop.wechat.trades.get(order?.out_trade_no ?? '')?.state).toBe(course === 'lose-after' ? 'closed' : undefined)
    },
  )

  it('is declined in time while the create hangs, and what comes of it then is given to nobody', async () => {
    const { promise: hanging, resolve: answers } = Promise.withResolvers<Course>()
    shop.wechat.during.prepay = () => hanging
    const scan = aScan({ openId: 'oHangs' })
    expect(await start(scan, 50)).toEqual({ outcome: 'declined', because: 'unavailable' })
    answers('answer')
    await shop.waitUntilEvent('payment.code_dropped', 'oHangs')
    expect(await start(scan, 50)).toEqual({ outcome: 'declined', because: 'unavailable' })
    await shop.work(120_000)
    const [order] = await ordersOf('oHangs')
    expect(order).toMatchObject({ order_status: 'closed', status: 'closed' })
    expect(shop.wechat.trades.get(order?.out_trade_no ?? '')).toMatchObject({ state: 'closed' })
  })

  it('is not cancelled by an equal one that was about to give up when the code came: both are given it', async () => {
    const { promise: hanging, resolve: answers } = Promise.withResolvers<Course>()
    shop.wechat.during.prepay = () => hanging
    const scan = aScan({ openId: 'oLast' })
    const patient = start(scan)
    await shop.waitUntilEvent('order.opened', 'oLast')
    const { promise: looked, resolve: hasLooked } = Promise.withResolvers<undefined>()
    const { payments } = shop.context
    const db = payments.store.db.withPlugin(new InterleavingPlugin('"prepare_lease_until" =', () => looked)).withPlugin(
      new InterleavingPlugin('"reserved_refund_fen" from "payments" where "out_trade_no"', async () => {
        answers('answer')
        await patient
        hasLooked(undefined)
      }),
    )
    const hasty = await start(scan, 0, { payments: { ...payments, store: { ...payments.store, db } } })
    expect(await patient).toMatchObject({ outcome: 'prepared' })
    expect(hasty).toEqual(await patient)
    expect(await ordersOf('oLast')).toMatchObject([{ order_status: 'unpaid', status: 'pending' }])
  })

  it('waits for an equal scan’s create as long as it has patience', async () => {
    const { promise: hanging, resolve: answers } = Promise.withResolvers<Course>()
    shop.wechat.during.prepay = () => hanging
    const scan = aScan({ openId: 'oBoth' })
    const both = [start(scan), start(scan)]
    await shop.waitUntilEvent('order.opened', 'oBoth')
    answers('answer')
    const [first, second] = await Promise.all(both)
    expect(first).toMatchObject({ outcome: 'prepared' })
    expect(second).toEqual(first)
  })
})
