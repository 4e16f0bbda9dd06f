import type { Order, Refund } from './answers'
import type { WordKey } from './words'

/** What is said about money that the order had no use for: always where it is. null: there is none. */
export function strayMoneyWords(order: Pick<Order, 'amountFen' | 'problem' | 'refunds'>): WordKey | null {
  switch (order.problem) {
    case 'paid_twice':
      return wordsFor(order, 'second-payment', ['problemPaidTwiceKept', 'problemPaidTwice', 'problemPaidTwiceReturned'])
    case 'paid_late':
      return wordsFor(order, 'late-payment', ['problemPaidLate', 'problemPaidLateReturning', 'problemPaidLateReturned'])
    default:
      return null
  }
}

/** Only the whole of it counts: of a part, the rest is still with the shop. */
function wordsFor(
  { amountFen, refunds }: Pick<Order, 'amountFen' | 'refunds'>,
  of: Refund['of'],
  [kept, returning, returned]: readonly [WordKey, WordKey, WordKey],
): WordKey {
  const sumOf = (states: readonly Refund['state'][]) =>
    refunds.filter((refund) => refund.of === of && states.includes(refund.state)).reduce((sum, refund) => sum + refund.amountFen, 0)
  if (sumOf(['done']) >= amountFen) return returned
  return sumOf(['done', 'pending']) >= amountFen ? returning : kept
}
