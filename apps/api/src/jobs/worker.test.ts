import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { startWorker } from './worker.ts'

let shop: TestShop
beforeEach(async () => {
  shop = await openTestShop()
})
afterEach(() => shop.close())

const patience = { timeout: 20_000, interval: 20 }

describe('a worker', () => {
  it('R23 repeats a job that failed for a reason of our own', async () => {
    let times = 0
    shop.payments.alarms.anomaly = () => {
      times += 1
      if (times === 1) throw new Error('a fault of ours')
    }
    const { outTradeNo } = await shop.shown()
    await shop.sql(`UPDATE payments SET confirming_since = now() WHERE out_trade_no = $1`, [outTradeNo])
    await startWorker(shop.boss, shop.tasks)
    await shop.boss.send('alarm-confirming', { outTradeNo })
    await expect.poll(() => times, patience).toBe(2)
  })
})
