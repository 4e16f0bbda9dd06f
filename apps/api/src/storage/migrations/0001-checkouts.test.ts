import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

async function paid() {
  const shown = await shop.shown()
  await shop.notice(shop.wechat.pay(shown.outTradeNo))
  return shown
}

describe('the last line of defence, whatever the code above it does', () => {
  it.each(['preparing', 'pending', 'closing', 'closed', 'refused'])(
    'R11 the database refuses to make a paid payment %s',
    async (status) => {
      const { outTradeNo } = await paid()
      await expect(shop.sql('UPDATE payments SET status = $1 WHERE out_trade_no = $2', [status, outTradeNo])).rejects.toThrow('stays paid')
      expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'paid' })
    },
  )

  it.each(['unpaid', 'closed'])('R11 the database refuses to make a paid order %s', async (status) => {
    const { token } = await paid()
    await expect(shop.sql('UPDATE orders SET status = $1 WHERE token = $2', [status, token])).rejects.toThrow('stays paid')
    expect((await shop.read(token)).order.status).toBe('paid')
  })

  it('R11 the database refuses a paid payment without WeChat’s number, and a paid order without a time', async () => {
    const { token, outTradeNo } = await shop.shown()
    await expect(shop.sql(`UPDATE payments SET status = 'paid' WHERE out_trade_no = $1`, [outTradeNo])).rejects.toThrow('violates check')
    await expect(shop.sql(`UPDATE orders SET status = 'paid' WHERE token = $1`, [token])).rejects.toThrow('violates check')
  })

  it.each(['events', 'wechat_answers'])('R13 the database refuses to rewrite or to delete a line of %s', async (table) => {
    await paid()
    await expect(shop.sql(`UPDATE ${table} SET at = now()`)).rejects.toThrow('append-only')
    await expect(shop.sql(`DELETE FROM ${table}`)).rejects.toThrow('append-only')
    expect((await shop.sql(`SELECT count(*)::int AS count FROM ${table}`))[0]).not.toEqual({ count: 0 })
  })

  it.each([
    ['preparing', 'preparing'],
    ['pending', 'preparing'],
    ['closing', 'preparing'],
  ])('R14 the database refuses a second open payment beside one that is %s', async (first, second) => {
    const { token, outTradeNo } = await shop.shown()
    await shop.sql('UPDATE payments SET status = $1 WHERE out_trade_no = $2', [first, outTradeNo])
    await expect(shop.copyPayment(outTradeNo, second)).rejects.toThrow('payments_one_open_per_order')
    expect((await shop.read(token)).payments).toHaveLength(1)
  })

  it.each(['closed', 'refused'])('R14 the database takes another attempt beside one that is %s', async (status) => {
    const { token, outTradeNo } = await shop.shown()
    await shop.sql('UPDATE payments SET status = $1 WHERE out_trade_no = $2', [status, outTradeNo])
    await shop.copyPayment(outTradeNo, 'preparing')
    expect((await shop.read(token)).payments).toHaveLength(2)
  })

  it('R2 the database refuses the same number twice', async () => {
    const { outTradeNo } = await paid()
    await expect(shop.copyPayment(outTradeNo, 'preparing', outTradeNo)).rejects.toThrow('payments_out_trade_no_key')
  })

  it.each([0, -1])('the database refuses an order of %i fen', async (amountFen) => {
    const { token } = await shop.shown()
    await expect(shop.sql('UPDATE orders SET amount_fen = $1 WHERE token = $2', [amountFen, token])).rejects.toThrow('violates check')
  })

  it('R22 the database keeps moments, not wall-clock times', async () => {
    const rows = await shop.sql(
      `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'`,
    )
    expect(rows).toEqual([])
  })
})
