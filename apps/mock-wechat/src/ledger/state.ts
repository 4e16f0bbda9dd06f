import { newPaymentNotice, newRefundNotice } from '../notices/beginNotice.ts'
import { afterAttempt, type Notice } from '../notices/notice.ts'
import { createRefundBook } from '../refunds/refundBook.ts'
import type { LedgerEvent } from './events.ts'
import type { Trade } from './trade.ts'

const key = (mchid: string, outTradeNo: string) => `${mchid}/${outTradeNo}`

/** What the journal's lines add up to, with the indexes that are looked up. */
export function createState() {
  const trades = new Map<string, Trade>()
  const codes = new Map<string, string>()
  const prepays = new Map<string, string>()
  const transactions = new Map<string, string>()
  const shortUrls = new Map<string, string>()
  const notices = new Map<string, Notice>()
  const waiting = new Set<string>()
  const refunds = createRefundBook()

  function change(at: { mchid: string; outTradeNo: string }, step: (trade: Trade) => Trade): Trade {
    const trade = trades.get(key(at.mchid, at.outTradeNo))
    if (!trade) throw new Error(`the journal speaks of an unknown trade ${at.outTradeNo}`)
    return put(step(trade))
  }

  function put(trade: Trade): Trade {
    const id = key(trade.mchid, trade.outTradeNo)
    trades.set(id, trade)
    if (trade.codeUrl !== null) codes.set(trade.codeUrl, id)
    prepays.set(trade.prepayId, id)
    if (trade.payment) transactions.set(trade.payment.transactionId, id)
    return trade
  }

  function keep(notice: Notice): void {
    notices.set(notice.id, notice)
    if (notice.nextAttemptAt === null) waiting.delete(notice.id)
    else waiting.add(notice.id)
  }

  function changeNotice(id: string, step: (notice: Notice) => Notice): void {
    const notice = notices.get(id)
    if (!notice) throw new Error(`the journal speaks of an unknown notice ${id}`)
    keep(step(notice))
  }

  function apply(event: Exclude<LedgerEvent, { type: 'clock' }>): void {
    switch (event.type) {
      case 'created':
        return void put(event.trade)
      case 'renewed': {
        const { prepayId, codeUrl, codeExpiresAt } = event
        return void change(event, (trade) => ({ ...trade, prepayId, codeUrl, codeExpiresAt }))
      }
      case 'shortened':
        return void shortUrls.set(event.shortUrl, event.longUrl)
      case 'declined':
        return void change(event, (trade) => ({ ...trade, declines: [...trade.declines, event.decline] }))
      case 'closed':
        return void change(event, (trade) => ({ ...trade, closedAt: event.at }))
      case 'paid': {
        const trade = change(event, (unpaid) => ({ ...unpaid, payment: event.payment }))
        return void keep(newPaymentNotice({ trade, payment: event.payment, id: event.noticeId, ordinal: notices.size + 1 }))
      }
      case 'refund-accepted':
      case 'refund-redirected':
      case 'funds':
        return void refunds.apply(event)
      case 'refund-finished': {
        const refund = refunds.apply(event)
        if (refund && event.noticeId !== null)
          keep(newRefundNotice({ refund, id: event.noticeId, at: event.at, ordinal: notices.size + 1 }))
        return
      }
      case 'attempted':
        return void changeNotice(event.noticeId, (notice) => afterAttempt(notice, event.attempt))
      case 'postponed':
        return void changeNotice(event.noticeId, (notice) => ({ ...notice, nextAttemptAt: event.until, postponed: true }))
    }
  }

  const at = (id: string | undefined): Trade | undefined => (id === undefined ? undefined : trades.get(id))
  return {
    apply,
    find: (mchid: string, outTradeNo: string) => trades.get(key(mchid, outTradeNo)),
    byCode: (codeUrl: string) => at(codes.get(codeUrl)),
    /** Also by one that a repeated create has replaced. */
    byPrepay: (prepayId: string) => at(prepays.get(prepayId)),
    byTransaction: (transactionId: string) => at(transactions.get(transactionId)),
    longUrl: (shortUrl: string) => shortUrls.get(shortUrl),
    /** Order numbers are unique per merchant only. */
    named: (outTradeNo: string) => [...trades.values()].filter((trade) => trade.outTradeNo === outTradeNo),
    trades: () => [...trades.values()],
    notice: (id: string) => notices.get(id),
    notices: () => [...notices.values()],
    /** Notices that are still to go out. */
    waiting: () => [...waiting].flatMap((id) => notices.get(id) ?? []),
    refunds,
    clear() {
      refunds.clear()
      for (const index of [trades, codes, prepays, transactions, shortUrls, notices, waiting]) index.clear()
    },
  }
}
