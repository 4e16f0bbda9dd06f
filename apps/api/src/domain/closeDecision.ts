import type { Checkout } from './order.ts'
import { isOpen, mayBeClosed, type CloseReason, type Payment } from './payment.ts'

/** `close`: at once, for that reason. `wait`: its time is not over. `leave`: nothing to close, or money that must be looked into first. */
export type CloseDecision = { do: 'close'; reason: CloseReason } | { do: 'wait'; until: Date } | { do: 'leave' }

/** Whether an attempt's time has come, for the job that closes expired codes. */
export function decideClose({ order, payments }: Checkout, payment: Payment, now: Date): CloseDecision {
  if (!mayBeClosed(payment)) return { do: 'leave' }
  const settledElsewhere = payments.some((other) => other.id !== payment.id && (other.status === 'paid' || other.confirmingSince !== null))
  if (settledElsewhere || order.status === 'paid') return { do: 'close', reason: 'order-paid' }
  if (payment.status === 'closing') return { do: 'close', reason: payment.closeReason ?? 'expired' }
  if (payment.status === 'preparing') return { do: 'close', reason: 'expired' }
  const until = payment.codeExpiresAt ?? payment.expiresAt
  return isOpen(payment) && until > now ? { do: 'wait', until } : { do: 'close', reason: 'expired' }
}
