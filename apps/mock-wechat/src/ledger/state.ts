import { afterAttempt, type Notice } from '../notices/notice.ts'
import type { LedgerEvent } from './events.ts'
import type { Protocol, Trade } from './trade.ts'

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

  function change(at: { mchid: string; outTradeNo: string }, step: (trade: Trade) => Trade): void {
    const trade = trades.get(key(at.mchid, at.outTradeNo))
    if (!trade) throw new Error(`the journal speaks of an unknown trade ${at.outTradeNo}`)
    put(step(trade))
  }

  function put(trade: Trade): void {
    const id = key(trade.mchid, trade.outTradeNo)
    trades.set(id, trade)
    if (trade.codeUrl !== null) codes.set(trade.codeUrl, id)
    prepays.set(trade.prepayId, id)
    if (trade.payment) transactions.set(trade.payment.transactionId, id)
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
      case 'paid':
        change(event, (trade) => ({ ...trade, payment: event.payment }))
        return void keep(newNotice(event, trades.get(key(event.mchid, event.outTradeNo))?.protocol ?? 'v2', notices.size + 1))
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
    clear() {
      for (const index of [trades, codes, prepays, transactions, shortUrls, notices, waiting]) index.clear()
    },
  }
}

function newNotice(
  { noticeId, mchid, outTradeNo, payment }: Extract<LedgerEvent, { type: 'paid' }>,
  protocol: Protocol,
  ordinal: number,
): Notice {
  return {
    id: noticeId,
    protocol,
    ordinal,
    mchid,
    outTradeNo,
    transactionId: payment.transactionId,
    state: 'waiting',
    failures: 0,
    nextAttemptAt: payment.paidAt,
    postponed: false,
    attempts: [],
  }
}
