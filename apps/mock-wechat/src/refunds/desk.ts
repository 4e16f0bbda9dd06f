import type { Accounts } from '../accounts/accounts.ts'
import type { Clock } from '../clock.ts'
import type { Switches } from '../config.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Notifier } from '../notices/notifier.ts'
import { formatBeijing } from '../support/beijing.ts'
import { digits, randomText } from '../support/random.ts'
import { createRates } from './rates.ts'
import type { FinalStatus, Refund } from './refund.ts'
import { announceOf, checkNew, checkRepeat, checkTotal, type RefundWish } from './rules.ts'
import { couponShareFen } from './share.ts'

export const outcomes = ['success', 'closed', 'abnormal', 'hold'] as const
export type Outcome = (typeof outcomes)[number]
const statusOf = { success: 'SUCCESS', closed: 'CLOSED', abnormal: 'ABNORMAL' } as const

export interface DeskDependencies {
  ledger: Ledger
  clock: Clock
  switches: Pick<Switches, 'refundSeconds' | 'refundBlockSeconds'>
  accounts: Pick<Accounts, 'of'>
  notifier: Pick<Notifier, 'wake' | 'tried'>
}

export type RefundDesk = ReturnType<typeof createRefundDesk>

/** Where WeChat takes refunds, whoever asks: both protocols and the merchant platform come here, over one book. */
export function createRefundDesk({ ledger, clock, switches, accounts, notifier }: DeskDependencies) {
  const rates = createRates(clock, switches.refundBlockSeconds * 1000)
  let standing: { outcome: Outcome; left: number } | undefined

  /** Of the next refund: as was ordered, else success. */
  function nextDue(): Refund['due'] {
    const outcome = standing && standing.left > 0 ? standing.outcome : 'success'
    if (standing) standing.left -= 1
    return outcome === 'hold' ? null : dueIn(statusOf[outcome])
  }

  const dueIn = (status: FinalStatus) => ({ at: clock.now() + switches.refundSeconds * 1000, status })

  function newRefund(wish: RefundWish, earlier: readonly Refund[]): Refund {
    const { trade, payment, origin, outRefundNo, refundFen, reason, notifyUrl, fundsAccount } = wish
    const { mchid, outTradeNo, totalFen } = trade
    return {
      mchid,
      outTradeNo,
      transactionId: payment.transactionId,
      origin,
      outRefundNo,
      refundId: newRefundId(),
      refundFen,
      couponFen: couponShareFen({ totalFen, couponFen: payment.couponFen }, earlier, refundFen),
      reason,
      notifyUrl,
      announce: announceOf(wish, accounts.of(mchid)?.refundUrl ?? null),
      fundsAccount,
      channel: 'ORIGINAL',
      receivedAccount: '支付用户零钱',
      status: 'PROCESSING',
      acceptedAt: clock.now(),
      realAcceptedAt: clock.told(clock.now()),
      due: nextDue(),
      finishedAt: null,
      realFinishedAt: null,
    }
  }

  /** 29 digits, as seen in published logs: 503, seven more, the day, eleven more. */
  function newRefundId(): string {
    const day = formatBeijing(clock.told(clock.now())).slice(0, 8)
    let refundId: string
    do refundId = `503${randomText(digits, 7)}${day}${randomText(digits, 11)}`
    while (ledger.refunds.byId(refundId))
    return refundId
  }

  const latest = (refund: Refund): Refund => ledger.refunds.byId(refund.refundId) ?? refund

  return {
    rates,
    /** Takes a refund, or finds the one that this number has begun. @throws {RefundProblem} */
    take(wish: RefundWish): Refund {
      const { mchid } = wish.trade
      checkTotal(wish)
      const known = ledger.refunds.find(mchid, wish.outRefundNo)
      const earlier = ledger.refunds.of(wish.trade)
      if (known) checkRepeat(known, wish)
      else checkNew(wish, { earlier, now: clock.now(), fundsFen: ledger.refunds.fundsFen(mchid) })
      if (wish.origin !== 'portal') rates.take(mchid, wish.payment.paidAt)
      if (known) return known
      const refund = newRefund(wish, earlier)
      ledger.acceptRefund(refund)
      notifier.wake()
      return latest(refund)
    },
    /** Now, whenever it was due; false when it is final already. */
    finish(refund: Refund, status: FinalStatus): { ok: boolean; delivered: () => Promise<void> } {
      const { ok, noticeId } = ledger.finishRefund(latest(refund), status, { at: clock.now(), realAt: clock.told(clock.now()) })
      if (ok) notifier.wake()
      return { ok, delivered: async () => (noticeId === null ? undefined : notifier.tried(noticeId)) }
    },
    /** What was ABNORMAL sets out again, to another account. */
    redirect(refund: Refund, way: Pick<Refund, 'channel' | 'receivedAccount'>): Refund {
      ledger.redirectRefund(refund, { ...way, due: dueIn('SUCCESS') })
      notifier.wake()
      return latest(refund)
    },
    /** What becomes of the next refunds; without `times`, of all that follow. */
    order(outcome: Outcome, times = Infinity): void {
      standing = { outcome, left: times }
    },
    /** After a reset nothing is ordered and nothing was struck. */
    forget(): void {
      standing = undefined
      rates.clear()
    },
  }
}
