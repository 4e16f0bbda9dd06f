import type { BillAnswer } from 'wxpay-core/protocol'
import { ready, tradeBillText } from './billFiles.ts'
import { openTestShop, type TestShop } from './testShop.ts'

type Lines = Parameters<typeof tradeBillText>[0]

/** WeChat's bills of each day, by kind and day. A trade bill that is not here is empty, a fund-flow bill is not ready. */
export type Bills = Record<string, (() => BillAnswer) | undefined>

/** Ten past ten, the day after. */
export const morningAfter = (day: string) => new Date(Date.parse(`${day}T02:10:00Z`) + 86_400_000)

/** A test shop whose WeChat has bills. */
export async function openBillShop() {
  const shop = await openTestShop()
  const minute = 60_000
  let lastEvent = '0'
  return {
    ...shop,
    /** A new day of trade, with nothing of the tests before. @returns the numbers of the payment */
    async paidAt(paidAt: string, amountFen = 100): Promise<{ token: string; outTradeNo: string; transactionId: string; totalFen: number }> {
      const { token, outTradeNo } = await shop.shown(amountFen)
      shop.wechat.pay(outTradeNo)
      await shop.notice(shop.wechat.noticeOf(outTradeNo, { paidAt: new Date(paidAt) }))
      return { token, outTradeNo, ...numbersOf(shop, outTradeNo) }
    },
    /** A payment whose notice is lost. */
    async paidUnheard(amountFen = 100): Promise<{ token: string; outTradeNo: string; transactionId: string; totalFen: number }> {
      const { token, outTradeNo } = await shop.shown(amountFen)
      shop.wechat.pay(outTradeNo)
      return { token, outTradeNo, ...numbersOf(shop, outTradeNo) }
    },
    billsAre(bills: Bills): void {
      shop.wechat.bills = ({ kind, billDate }) => bills[`${kind} ${billDate}`]?.() ?? { state: kind === 'trade' ? 'empty' : 'not-ready' }
    },
    /** The trade bill of a day has these lines, and nothing else is there. */
    tradesOf(day: string, lines: Lines): void {
      this.billsAre({ [`trade ${day}`]: () => ready(tradeBillText(lines)) })
    },
    /** The morning after a day, with everything that it brings for some minutes. @returns what was done for bills */
    async morning(day: string, minutes = 3): Promise<string[]> {
      shop.clock.reach(morningAfter(day))
      await shop.tasksNow('plan-bills')
      const done = await shop.work(minutes * minute)
      return done.filter((name) => name.endsWith('-bill'))
    },
    async bill(day: string, kind = 'trade'): Promise<Record<string, unknown> | undefined> {
      const rows = await shop.sql('SELECT * FROM bills WHERE bill_date = $1 AND kind = $2', [day, kind])
      return rows[0]
    },
    /** Since the test began. */
    events: (type: string) => shop.sql('SELECT source, data FROM events WHERE type = $1 AND id > $2 ORDER BY id', [type, lastEvent]),
    /** Of a day and a class in the order in which their payments were made. */
    discrepancies: (state = 'open') =>
      shop.sql(
        `SELECT d.id, class, number, ours_fen::integer AS ours, theirs_fen::integer AS theirs, bill_date::text AS day, resolver, reason
         FROM discrepancies d JOIN bills b ON b.id = bill_id LEFT JOIN payments p ON p.out_trade_no = number
         WHERE d.state = $1 ORDER BY bill_date, class, p.id, d.id`,
        [state],
      ),
    /** For tests that share a shop: no bill, no row, no difference, and nothing was ever sold. */
    async forget(): Promise<void> {
      await shop.reset()
      shop.billAlarms.length = 0
      await shop.sql('DELETE FROM discrepancies')
      await shop.sql('DELETE FROM refund_moves')
      await shop.sql('DELETE FROM bill_rows')
      await shop.sql('DELETE FROM bill_pieces')
      await shop.sql('DELETE FROM bills')
      lastEvent = String((await shop.sql('SELECT coalesce(max(id), 0)::text AS id FROM events'))[0]?.['id'])
      await shop.sql("UPDATE payments SET mch_id = 'other merchant'")
    },
  }
}

function numbersOf(shop: TestShop, outTradeNo: string): { transactionId: string; totalFen: number } {
  const { transactionId, totalFen } = shop.wechat.paidTrade(outTradeNo)
  return { transactionId, totalFen }
}

export type BillShop = Awaited<ReturnType<typeof openBillShop>>
