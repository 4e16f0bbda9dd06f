import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { noteWatches } from '../../storage/orderWatches.ts'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { flush } from '../watchFlusher.ts'
import { queryPendingPayment } from './queryPendingPayment.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(async () => {
  await shop.reset()
  shop.tasks.queriesPerSecond = 1_000
  await shop.sql('DELETE FROM call_budgets')
})
afterAll(() => shop.close())

/** Somebody looks at the order from now on, for that long. */
async function watch(token: string, forMs: number): Promise<void> {
  const now = shop.clock.now()
  await shop.db.transaction().execute((tx) => noteWatches(tx, [token], { now, until: new Date(now.getTime() + forMs) }))
}

/** When WeChat was asked about each number, in seconds from now. */
function noteQueries(): Map<string, number[]> {
  const start = shop.clock.now().getTime()
  const asked = new Map<string, number[]>()
  shop.wechat.during.query = (outTradeNo) => {
    asked.set(outTradeNo, [...(asked.get(outTradeNo) ?? []), Math.round((shop.clock.now().getTime() - start) / 1_000)])
    return 'answer'
  }
  return asked
}

describe('a payment whose notice does not come', () => {
  it('R16 is asked about at 5, 10, 20, 35, 55, 85 … seconds while somebody watches', async () => {
    const { token, outTradeNo } = await shop.shown()
    await watch(token, 300_000)
    const asked = noteQueries()
    await shop.work(299_000)
    expect(asked.get(outTradeNo)).toEqual([5, 10, 20, 35, 55, 85, 115, 145, 175, 205, 235, 265, 295])
  })

  it('R16 is asked about at 60, 120, 240 seconds while nobody watches', async () => {
    const { outTradeNo } = await shop.shown()
    const asked = noteQueries()
    await shop.work(299_000)
    expect(asked.get(outTradeNo)).toEqual([60, 120, 240])
  })

  it('R16 is asked about at once when somebody begins to watch, without a second chain of queries', async () => {
    const { token, outTradeNo } = await shop.shown()
    const asked = noteQueries()
    await shop.work(30_000)
    await watch(token, 0)
    await flush(shop.payments.store, [token])
    await shop.work(9_000)
    expect(asked.get(outTradeNo)).toEqual([30, 35])
    await shop.work(200_000)
    expect(asked.get(outTradeNo)).toEqual([30, 35, 60, 120])
  })

  it('R17 is confirming after a query, and is not asked about any more: only the notice or an operator pays', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    const asked = noteQueries()
    await shop.work(3_600_000)
    expect(asked.get(outTradeNo)).toEqual([60])
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: expect.any(Date) })
    expect(shop.wechat.callsAbout(outTradeNo)).not.toContain('close')
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('applied')
    expect((await shop.read(token)).order.status).toBe('paid')
  })

  it('R17 pays within the first query of the ladder under notice-or-query', async () => {
    await shop.reset({ paidBy: 'notice-or-query' })
    const { token, outTradeNo } = await shop.shown()
    await watch(token, 300_000)
    shop.wechat.pay(outTradeNo)
    await shop.work(5_000)
    expect((await shop.read(token)).order.status).toBe('paid')
  })

  it('R9 is flagged by the query and not asked about again when the amount is wrong', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    shop.wechat.reportFen = 99
    const asked = noteQueries()
    await shop.work(3_600_000)
    expect(asked.get(outTradeNo)).toEqual([60])
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending', anomalies: ['amount-mismatch'] })
  })

  it('R4 is asked about on the same ladder when answers are lost', async () => {
    const { outTradeNo } = await shop.shown()
    const times: number[] = []
    const start = shop.clock.now().getTime()
    shop.wechat.during.query = () => {
      times.push((shop.clock.now().getTime() - start) / 1_000)
      return 'lose-before'
    }
    await shop.work(290_000)
    expect(times).toEqual([60, 120, 240])
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: null })
  })

  it('R14 is closed by the book when the query says that WeChat has closed it', async () => {
    const { outTradeNo } = await shop.shown()
    await shop.wechat.close(outTradeNo)
    await shop.work(61_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
    expect(shop.wechat.callsAbout(outTradeNo).filter((call) => call === 'close')).toHaveLength(1)
  })

  it('R23 goes on being asked about when the process dies in the middle of a query', async () => {
    const { outTradeNo } = await shop.shown()
    shop.clock.advance(60_000)
    shop.wechat.during.query = () => Promise.reject(new Error('kill -9'))
    await shop.sql(`UPDATE payments SET next_query_at = $1 WHERE out_trade_no = $2`, [shop.clock.now(), outTradeNo])
    await expect(queryPendingPayment(shop.tasks, { outTradeNo })).rejects.toThrow('kill -9')
    shop.wechat.pay(outTradeNo)
    shop.wechat.during.query = () => 'answer'
    await shop.work(61_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ confirmingSince: expect.any(Date) })
  })
})

describe('the budget of queries', () => {
  it('R16 is shared, and everybody has a turn: payments that are due at once wait for their places and are asked about then', async () => {
    const shown = []
    for (let n = 0; n < 12; n += 1) {
      const one = await shop.shown()
      await watch(one.token, 300_000)
      shown.push(one.outTradeNo)
    }
    shop.tasks.queriesPerSecond = 1
    const asked = noteQueries()
    await shop.work(40_000)
    expect([...asked.keys()].toSorted()).toEqual(shown.toSorted())
  })

  it('R16 turns away whoever finds it full, for a while, without a place of its own', async () => {
    const { token, outTradeNo } = await shop.shown()
    await watch(token, 300_000)
    shop.tasks.queriesPerSecond = 1 / 3_600
    await shop.sql(`INSERT INTO call_budgets VALUES ('wechat-query', clock_timestamp())`)
    const asked = noteQueries()
    await shop.work(6_000)
    await shop.sql(`UPDATE call_budgets SET next_at = clock_timestamp() - interval '2 h'`)
    await shop.work(30_000)
    expect(asked.get(outTradeNo)).toEqual([35])
  })
})

describe('the turns of one payment', () => {
  it('R16 never multiply: five callers at once make one query', async () => {
    const { token, outTradeNo } = await shop.shown()
    await watch(token, 300_000)
    shop.wechat.calls.length = 0
    for (let round = 1; round <= 3; round += 1) {
      shop.clock.advance(30_000)
      await Promise.all(Array.from({ length: 5 }, () => queryPendingPayment(shop.tasks, { outTradeNo })))
      expect(shop.wechat.callsAbout(outTradeNo)).toHaveLength(round)
      expect(await shop.nextTurn(outTradeNo, 'query')).not.toBeNull()
    }
  })

  it.each(['paid', 'closed'] as const)('R16 end when the payment is %s', async (end) => {
    const { token, outTradeNo } = await shop.shown()
    await watch(token, 3_600_000)
    if (end === 'paid') await shop.notice(shop.wechat.pay(outTradeNo))
    else await shop.wechat.close(outTradeNo)
    await shop.work(6_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: end })
    expect(await shop.nextTurn(outTradeNo, 'query')).toBeNull()
    expect(await shop.nextTurn(outTradeNo, 'close')).toBeNull()
  })
})
