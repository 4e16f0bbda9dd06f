import type { CheckoutRefund, CheckoutView } from 'wxpay-core/contract'
import type { MessageKey } from '../i18n.ts'

type Money = Pick<CheckoutView, 'amountFen' | 'problem' | 'refunds'>

/** Something is still on its way: the page goes on asking. */
export function awaitsRefund(view: Pick<CheckoutView, 'refunds'> | null): boolean {
  return view?.refunds.some(({ state }) => state === 'pending') === true
}

/** In fen: what the shop has kept of the order. Money on its way back counts as gone; a second or a late payment was never the order's. */
export function keptFen({ amountFen, refunds }: Pick<Money, 'amountFen' | 'refunds'>): number {
  return amountFen - sum(refunds.filter(({ of, state }) => of === 'order' && state !== 'failed'))
}

/** What is said about money that the order had no use for, or null when there is none. It always says where the money is. */
export function strayMoneyWords(view: Money): MessageKey | null {
  switch (view.problem?.code) {
    case 'paid_twice':
      return wordsFor(view, 'second-payment', {
        kept: 'problemPaidTwiceKept',
        returning: 'problemPaidTwice',
        returned: 'problemPaidTwiceReturned',
      })
    case 'paid_late':
      return wordsFor(view, 'late-payment', {
        kept: 'problemPaidLate',
        returning: 'problemPaidLateReturning',
        returned: 'problemPaidLateReturned',
      })
    default:
      return null
  }
}

/** Only the whole of it counts: of a part, the rest is still with the shop. */
function wordsFor(
  { amountFen, refunds }: Money,
  of: CheckoutRefund['of'],
  words: Record<'kept' | 'returning' | 'returned', MessageKey>,
): MessageKey {
  const back = refunds.filter((refund) => refund.of === of)
  if (sum(back.filter(({ state }) => state === 'done')) >= amountFen) return words.returned
  return sum(back.filter(({ state }) => state !== 'failed')) >= amountFen ? words.returning : words.kept
}

/** Money that goes back of an order that is paid, in words for the card, or null. */
export function refundWords({ refunds }: Pick<Money, 'refunds'>): { key: MessageKey; fen: number } | null {
  const ofOrder = refunds.filter(({ of }) => of === 'order')
  const pendingFen = sum(ofOrder.filter(({ state }) => state === 'pending'))
  if (pendingFen > 0) return { key: 'refundPendingNote', fen: pendingFen }
  const doneFen = sum(ofOrder.filter(({ state }) => state === 'done'))
  return doneFen > 0 ? { key: 'refundDoneNote', fen: doneFen } : null
}

function sum(refunds: readonly CheckoutRefund[]): number {
  return refunds.reduce((fen, { amountFen }) => fen + amountFen, 0)
}
