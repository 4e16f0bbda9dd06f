import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Attempt, Notice } from '../notices/notice.ts'
import { mayFinish, type FinalStatus, type Moment, type Redirection, type Refund } from '../refunds/refund.ts'
import { LedgerEvent } from './events.ts'
import { openJournal } from './journal.ts'
import { createState } from './state.ts'
import { closeTrade as close, declineTrade, payTrade, type DeclineReason, type Trade, type TradePayment, type Transition } from './trade.ts'

export type Ledger = Awaited<ReturnType<typeof openLedger>>

/**
 * Trades, refunds, notices and the virtual clock: in memory, and as events in a journal.
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
    /** To look up: what changes them are the methods below. */
    refunds: state.refunds,

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
    acceptRefund(refund: Refund): void {
      record({ type: 'refund-accepted', refund })
    },
    /** The result and its notice are one line. False, and nothing happens, when the refund cannot become so any more. */
    finishRefund(refund: Refund, status: FinalStatus, moment: Moment): { ok: boolean; noticeId: string | null } {
      if (!mayFinish(refund, status)) return { ok: false, noticeId: null }
      const noticeId = refund.announce === null ? null : randomUUID()
      record({ type: 'refund-finished', mchid: refund.mchid, outRefundNo: refund.outRefundNo, status, ...moment, noticeId })
      return { ok: true, noticeId }
    },
    /** What is ABNORMAL is on its way again. */
    redirectRefund({ mchid, outRefundNo }: Refund, redirection: Redirection): void {
      record({ type: 'refund-redirected', mchid, outRefundNo, redirection })
    },
    /** What the merchant can give back from now on; null: as much as it likes. */
    setFunds(mchid: string, refundableFen: number | null): void {
      record({ type: 'funds', mchid, refundableFen })
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
