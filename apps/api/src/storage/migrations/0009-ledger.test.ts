import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkLedger } from '../../commands/checkLedger.ts'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { up } from './0009-ledger.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop({ policy: { refundDuplicates: true } })
})
afterAll(() => shop.close())

const sums = () =>
  shop.sql(
    `SELECT kind, count(*)::int AS count, sum(receivable_fen)::int AS receivable, sum(sales_fen)::int AS sales, sum(refunds_fen)::int AS refunds,
       sum(wechat_clearing_fen)::int AS clearing FROM ledger_postings GROUP BY kind ORDER BY kind`,
  )

it('R13 books what was there before the ledger, as the ledger would have: sales, payments, refunds of them and of second payments', async () => {
  const first = await shop.shown()
  shop.clock.advance(60_000)
  await shop.refresh(first.token)
  await shop.notice(shop.wechat.pay((await shop.last(first.token)).outTradeNo))
  shop.wechat.payLate(first.outTradeNo)
  await shop.notice(shop.wechat.noticeOf(first.outTradeNo))
  const { outTradeNo } = await shop.paid()
  await shop.refund(outTradeNo, 60)
  await shop.work(120_000)
  const before = await sums()
  expect(before).toHaveLength(3)

  await shop.sql('DROP TABLE ledger_postings')
  await up(shop.db)
  expect(await sums()).toEqual(before)
  const { store, mchId, alarms } = shop.payments
  expect((await checkLedger({ store, mchId, alarms, show: () => undefined })).problems).toEqual([])
})
