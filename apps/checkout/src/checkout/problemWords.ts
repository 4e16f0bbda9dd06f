import type { MessageKey } from '../i18n.ts'
import type { CheckoutState } from './state.ts'

/** What went wrong, in words for the shopper: always whether money moved. */
export interface ProblemWords {
  title: MessageKey
  explanation: MessageKey | null
  code: string
  requestId: string | null
  /** What the one button does. */
  retry: 'open' | 'renew' | 'cancel' | 'reload' | null
}

/** The words of the `error` state. */
export function problemWords({ view, failure }: Pick<CheckoutState, 'view' | 'failure'>): ProblemWords {
  const problem = view?.problem?.code
  if (problem === 'amount_mismatch') {
    return { title: 'problemAmountMismatch', explanation: 'problemAmountMismatchExplanation', code: problem, requestId: null, retry: null }
  }
  if (problem === 'paid_twice') return { title: 'problemPaidTwice', explanation: null, code: problem, requestId: null, retry: null }
  if (failure) return failureWords(failure)
  return { title: 'problemCannotCreate', explanation: null, code: problem ?? 'wechat_refused', requestId: null, retry: 'renew' }
}

function failureWords({ task, code, requestId, mayRetry }: NonNullable<CheckoutState['failure']>): ProblemWords {
  const where = { code, requestId }
  if (code === 'checkout_not_found') return { ...where, title: 'problemNotFound', explanation: 'problemNotFoundExplanation', retry: null }
  if (code === 'trade_type_not_enabled') return { ...where, title: 'problemNotEnabled', explanation: null, retry: null }
  switch (task) {
    case 'opening':
      return { ...where, title: 'problemCannotCreate', explanation: null, retry: mayRetry ? 'open' : null }
    case 'renewing':
      return { ...where, title: 'problemCannotCreate', explanation: null, retry: 'renew' }
    case 'cancelling':
      return { ...where, title: 'problemCancelling', explanation: null, retry: 'cancel' }
    case 'extending':
    case 'loading':
      return { ...where, title: 'problemLoading', explanation: 'problemLoadingExplanation', retry: 'reload' }
  }
}
