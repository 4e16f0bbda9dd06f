import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Attempt, Notice } from '../notices/notice.ts'
import { LedgerEvent } from './events.ts'
import { openJournal } from './journal.ts'
import { createState } from './state.ts'
import { closeTrade as close, declineTrade, payTrade, type DeclineReason, type Trade, type TradePayment, type Transition } from './trade.ts'

export type Ledger = Awaited<ReturnType<typeof openLedger>>

/**
 * Trades, notices and the virtual clock: in memory, and as events in a journal.
 * A method changes memory at once; nobody outside may be told before `durable()` has resolved.
 */
export async function openLedger(dir: string, clock: Clock) {
  const state = createState()
  const journal = await openJournal(join(dir, 'journal.ndjson'), (line) => take(LedgerEvent.parse(line)))

  function take(event: LedgerEvent): void {
    if (event.type === 'clock') clock.setOffset(event.offsetMs)
    else state.apply(event)
  }

  function record(event: LedgerEvent): void {
    take(event)
    journal.append(event)
  }

  return {
    durable: () => journal.durable(),
    close: () => journal.close(),
    find: state.find,
    byCode: state.byCode,
    byPrepay: state.byPrepay,
    byTransaction: state.byTransaction,
    longUrl: state.longUrl,
    named: state.named,
    trades: state.trades,
    notice: state.notice,
    notices: state.notices,
    waiting: state.waiting,

    create(trade: Trade): void {
      record({ type: 'created', trade })
    },
    /** A fresh code for an unpaid trade whose old one is too old to be scanned. */
    renew(trade: Trade, fresh: Pick<Trade, 'prepayId' | 'codeUrl' | 'codeExpiresAt'>): void {
      record({ type: 'renewed', mchid: trade.mchid, outTradeNo: trade.outTradeNo, ...fresh })
    },
    /** The payment and its notice are one line: there is never one without the other. */
    pay(trade: Trade, payment: TradePayment, timing: { late?: boolean } = {}): Transition & { noticeId: string } {
      const noticeId = randomUUID()
      const paid = payTrade(trade, payment, timing)
      if (paid.ok) record({ type: 'paid', mchid: trade.mchid, outTradeNo: trade.outTradeNo, payment, noticeId })
      return { ...paid, noticeId }
    },
    shorten(shortUrl: string, longUrl: string): void {
      if (state.longUrl(shortUrl) !== longUrl) record({ type: 'shortened', shortUrl, longUrl })
    },
    decline(trade: Trade, reason: DeclineReason): Transition {
      const at = clock.now()
      const declined = declineTrade(trade, reason, at)
      if (declined.ok) record({ type: 'declined', mchid: trade.mchid, outTradeNo: trade.outTradeNo, decline: { at, reason } })
      return declined
    },
    closeTrade(trade: Trade): Transition {
      const at = clock.now()
      const closed = close(trade, at)
      if (closed.ok) record({ type: 'closed', mchid: trade.mchid, outTradeNo: trade.outTradeNo, at })
      return closed
    },
    attempted(noticeId: string, attempt: Attempt): void {
      if (state.notice(noticeId)) record({ type: 'attempted', noticeId, attempt })
    },
    postpone(notice: Notice, until: number): void {
      if (state.notice(notice.id)) record({ type: 'postponed', noticeId: notice.id, until })
    },
    /** Moves the virtual clock forward to `target`; never back. */
    moveClock(target: number): void {
      const ahead = target - clock.now()
      if (ahead > 0) record({ type: 'clock', offsetMs: clock.offsetMs() + ahead })
    },
    async reset(): Promise<void> {
      state.clear()
      clock.setOffset(0)
      await journal.clear()
    },
  }
}
