import { openidOf, phoneOwner } from './accounts/people.ts'
import type { Clock } from './clock.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Trade, TradePayment, Transition } from './ledger/trade.ts'
import type { Notifier } from './notices/notifier.ts'
import { formatBeijing } from './support/beijing.ts'
import { digits, randomText } from './support/random.ts'

export interface PaymentChoice {
  openid?: string | undefined
  /** A recharged coupon (CASH), in fen. */
  couponFen?: number | undefined
  /** The bank was slow: the money comes although the trade was closed meanwhile. */
  late?: boolean | undefined
  /** The payment is of so many whole days ago: in the ledger, in messages and in bills. */
  daysAgo?: number | undefined
}

export type Payer = ReturnType<typeof createPayer>

/** The payer's side of WeChat: the money moves in the ledger, and the notice sets out. */
export function createPayer({ ledger, clock, notifier }: { ledger: Ledger; clock: Clock; notifier: Notifier }) {
  function pay(trade: Trade, choice: PaymentChoice = {}): Transition & { noticeId: string } {
    const paid = ledger.pay(trade, payment(trade, choice, clock, ledger), { late: choice.late ?? false })
    if (paid.ok) notifier.wake()
    return paid
  }

  return {
    pay,
    /** For faults: pays if it can be paid. `delivered` resolves after the first delivery was tried. */
    payNumber(mchid: string, outTradeNo: string) {
      const trade = ledger.find(mchid, outTradeNo)
      const paid = trade && pay(trade)
      return paid?.ok ? { delivered: () => notifier.tried(paid.noticeId) } : undefined
    },
  }
}

function payment(trade: Trade, { openid, couponFen = 0, daysAgo = 0 }: PaymentChoice, clock: Clock, ledger: Ledger): TradePayment {
  const [now, agoMs] = [clock.now(), daysAgo * 86_400_000]
  const realPaidAt = clock.told(now) - agoMs
  let transactionId: string
  do transactionId = newTransactionId(realPaidAt)
  while (ledger.byTransaction(transactionId))
  return {
    transactionId,
    openid: openid ?? trade.payerOpenid ?? openidOf(phoneOwner, trade.appid),
    bankType: 'OTHERS',
    couponFen,
    couponId: couponFen > 0 ? randomText(digits, 10) : null,
    paidAt: now - agoMs,
    realPaidAt,
  }
}

/** 28 digits, as seen in published logs: 42000, five more, the day, ten more. */
function newTransactionId(realAt: number): string {
  return `42000${randomText(digits, 5)}${formatBeijing(realAt).slice(0, 8)}${randomText(digits, 10)}`
}
