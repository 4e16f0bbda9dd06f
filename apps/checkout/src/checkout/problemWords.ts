import type { MessageKey } from '../i18n.ts'
import type { CheckoutState } from './state.ts'
import { strayMoneyWords } from './refunds.ts'
import { wayWords } from './wayWords.ts'

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
export function problemWords({ view, failure, taskWay }: Pick<CheckoutState, 'view' | 'failure' | 'taskWay'>): ProblemWords {
  const problem = view?.problem?.code
  if (problem === 'amount_mismatch') {
    return { title: 'problemAmountMismatch', explanation: 'problemAmountMismatchExplanation', code: problem, requestId: null, retry: null }
  }
  const stray = view && strayMoneyWords(view)
  if (stray && problem) return { title: stray, explanation: null, code: problem, requestId: null, retry: null }
  const title = wayWords((failure ? taskWay : view?.tradeType) ?? 'native').cannotStart
  if (failure) return failureWords(failure, title)
  return { title, explanation: null, code: problem ?? 'wechat_refused', requestId: null, retry: 'renew' }
}

function failureWords({ task, code, requestId, mayRetry }: NonNullable<CheckoutState['failure']>, cannotStart: MessageKey): ProblemWords {
  const where = { code, requestId }
  if (code === 'checkout_not_found') return { ...where, title: 'problemNotFound', explanation: 'problemNotFoundExplanation', retry: null }
  if (code === 'trade_type_not_enabled') return { ...where, title: 'problemNotEnabled', explanation: null, retry: null }
  switch (task) {
    case 'opening':
      return { ...where, title: cannotStart, explanation: null, retry: mayRetry ? 'open' : null }
    case 'renewing':
      return { ...where, title: cannotStart, explanation: null, retry: 'renew' }
    case 'cancelling':
      return { ...where, title: 'problemCancelling', explanation: null, retry: 'cancel' }
    case 'extending':
    case 'loading':
      return { ...where, title: 'problemLoading', explanation: 'problemLoadingExplanation', retry: 'reload' }
  }
}
