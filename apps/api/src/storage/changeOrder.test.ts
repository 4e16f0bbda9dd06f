import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { closeOrder } from '../domain/order.ts'
import { changeChannel, changeOrder } from './changeOrder.ts'
import { insertionOfEvents } from './events.ts'
import { lockOrder, updateOrder } from './orders.ts'
import { lockPaymentsOf, updatePayment } from './payments.ts'
import { StaleWriteError } from './staleWriteError.ts'
import { collectWrites } from './writes.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const cancelled = (order: Parameters<typeof closeOrder>[0]) => closeOrder(order, 'cancelled', shop.clock.now())

describe('changing an order', () => {
  it('R6 locks the order before its payments, and only then decides, on what is there then', async () => {
    const { token, outTradeNo } = await shop.shown()
    let seen: string | undefined
    await shop.holdingOrder(outTradeNo, async (release) => {
      const changing = changeOrder(shop.payments.store, { token }, ({ order }) => {
        seen = order.status
        return { result: undefined }
      })
      await shop.waitUntilBlocked(1)
      expect(seen).toBeUndefined()
      release()
      await changing
    })
    expect(seen).toBe('unpaid')
  })

  it.each([
    { by: 'token', key: (shown: Shown) => ({ token: shown.token }) },
    { by: 'id', key: (shown: Shown) => ({ orderId: shown.orderId }) },
    { by: 'number of a payment', key: (shown: Shown) => ({ outTradeNo: shown.outTradeNo }) },
  ])('R11 sees what the one before it has written, found by $by', async ({ key }) => {
    const shown = await shop.shown()
    const versions = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const changed = await changeOrder(shop.payments.store, key(shown), () => ({ visible: true, result: undefined }))
        return changed?.checkout.order.version
      }),
    )
    expect(new Set(versions).size).toBe(20)
  })

  it('R6 writes nothing, sets no turn and wakes nobody when the decision fails', async () => {
    const { token, outTradeNo } = await shop.shown()
    const before = await shop.read(token)
    const woken: string[] = []
    const store = { ...shop.payments.store, onChanged: (one: string) => woken.push(one) }
    const failing = changeOrder(store, { token }, async ({ order }, tx) => {
      const writes = collectWrites(tx)
      updateOrder(writes, order, cancelled(order))
      await writes.send()
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await shop.read(token)).toEqual(before)
    const closeAt = await shop.nextTurn(outTradeNo, 'close')
    const rolledBack = changeOrder(
      { ...store, enqueue: async () => Promise.reject(new Error('the queue is full')) },
      { token },
      ({ order }) => ({
        order: cancelled(order),
        events: [{ type: 'order.closed', source: 'clock' }],
        turns: [{ outTradeNo, duty: 'close', at: shop.clock.now() }],
        result: undefined,
      }),
    )
    await expect(rolledBack).rejects.toThrow('the queue is full')
    expect(await shop.read(token)).toEqual(before)
    expect(await shop.eventTypes(token)).not.toContain('order.closed')
    expect(await shop.nextTurn(outTradeNo, 'close')).toEqual(closeAt)
    expect(woken).toEqual([])
  })

  it('R6 wakes the pages of the order in this process and in the others, once per visible change, after the commit', async () => {
    const { token, outTradeNo } = await shop.shown()
    const heard: string[] = []
    const client = new pg.Client(shop.databaseConfig)
    await client.connect()
    client.on('notification', ({ payload }) => heard.push(payload ?? ''))
    await client.query(`LISTEN ${changeChannel}`)
    const woken: string[] = []
    const store = { ...shop.payments.store, onChanged: (one: string) => woken.push(one) }
    await changeOrder(store, { token }, () => ({ events: [{ type: 'nothing.to_see', source: 'clock' }], result: undefined }))
    await changeOrder(store, { outTradeNo }, ({ order }) => ({ order: cancelled(order), result: undefined }))
    await expect.poll(() => heard).toEqual([token])
    expect(woken).toEqual([token])
    await client.end()
  })

  it('R11 raises the version once however much changes, and not at all when nothing visible does', async () => {
    const { token } = await shop.shown()
    const before = (await shop.read(token)).order.version
    await changeOrder(shop.payments.store, { token }, ({ order, payments }) => ({ order, payments, events: [], result: undefined }))
    expect((await shop.read(token)).order.version).toBe(before)
    await changeOrder(shop.payments.store, { token }, ({ order, payments }) => ({
      order: cancelled(order),
      payments: payments.map((payment) => ({ ...payment, status: 'closed' as const })),
      result: undefined,
    }))
    expect((await shop.read(token)).order.version).toBe(before + 1)
  })

  it('does nothing for an order that is not there', async () => {
    const decide = () => {
      throw new Error('never asked')
    }
    expect(await changeOrder(shop.payments.store, { token: 'no-such-token-at-all-here' }, decide)).toBeUndefined()
    expect(await changeOrder(shop.payments.store, { outTradeNo: 'NOT-OURS-4' }, decide)).toBeUndefined()
  })
})

describe('a guarded write', () => {
  it.each(['order', 'payment'] as const)(
    'R11 fails when the %s is not what was read any more, and with it what was sent beside it',
    async (stale) => {
      const { orderId, token } = await shop.shown()
      const before = await shop.read(token)
      const write = shop.db.transaction().execute(async (tx) => {
        const order = await lockOrder(tx, { orderId })
        if (!order) throw new Error('no order')
        const [payment] = await lockPaymentsOf(tx, orderId)
        if (!payment) throw new Error('no payment')
        const writes = collectWrites(tx)
        updateOrder(writes, stale === 'order' ? { ...order, version: order.version - 1 } : order, cancelled(order))
        updatePayment(writes, stale === 'payment' ? { ...payment, status: 'preparing' } : payment, { ...payment, status: 'closed' })
        await writes.send()
      })
      await expect(write).rejects.toThrow(StaleWriteError)
      await expect(write).rejects.toThrow(stale)
      expect(await shop.read(token)).toEqual(before)
    },
  )

  it('sends what was added once', async () => {
    const { orderId } = await shop.shown()
    await shop.db.transaction().execute(async (tx) => {
      const writes = collectWrites(tx)
      await writes.send()
      writes.add(insertionOfEvents(tx, orderId, [{ type: 'test.sent', source: 'clock' }], shop.clock.now()))
      await writes.send()
      await writes.send()
    })
    expect(await shop.sql("SELECT FROM events WHERE type = 'test.sent'")).toHaveLength(1)
  })

  it('knows the refunds before and after: the view that is made of it needs no second look', async () => {
    const { token, outTradeNo } = await shop.paid(100)
    const { refund } = await shop.refund(outTradeNo, 30)
    expect((await shop.read(token)).refunds).toMatchObject([{ outRefundNo: refund.outRefundNo, status: 'submitting' }])
    const changed = await changeOrder(shop.payments.store, { token }, ({ refunds = [] }) => ({
      refunds: refunds.map((before) => ({ before, after: { ...before, waitingFor: 'funds' as const } })),
      result: undefined,
    }))
    expect(changed?.checkout.refunds).toMatchObject([{ outRefundNo: refund.outRefundNo, waitingFor: 'funds' }])
  })
})

interface Shown {
  token: string
  orderId: string
  outTradeNo: string
}
