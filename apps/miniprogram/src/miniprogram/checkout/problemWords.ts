import type { CheckoutState, Failure } from './state'
import { strayMoneyWords } from './strayMoney'
import type { WordKey } from './words'

/** What a button does. */
export type Act = 'none' | 'pay-again' | 'cancel' | 'reopen' | 'reload' | 'start-over'

/** What went wrong, in words for the payer: always whether money moved. */
export interface ProblemWords {
  title: WordKey
  more: WordKey | null
  code: string
  requestId: string | null
  /** What the button does, where there is sense in one. */
  act: Act
}

/** The words of the `error` state. */
export function problemWords({ order, failure }: Pick<CheckoutState, 'order' | 'failure'>): ProblemWords {
  const none = { more: null, requestId: null, act: 'none' } as const
  switch (order?.problem) {
    case 'amount_mismatch':
      return { ...none, title: 'problemAmountMismatch', more: 'problemAmountMismatchMore', code: order.problem }
    case 'paid_twice':
      return { ...none, title: strayMoneyWords(order) || 'problemPaidTwiceKept', code: order.problem }
    default:
      return failure ? failureWords(failure) : { ...none, title: 'problemCannotCreate', code: 'wechat_refused', act: 'pay-again' }
  }
}

function failureWords({ task, code, requestId, mayRetry }: Failure): ProblemWords {
  const where = { code, requestId, more: null }
  if (code === 'checkout_not_found') return { ...where, title: 'problemNotFound', more: 'problemNotFoundMore', act: 'none' }
  if (code === 'trade_type_not_enabled') return { ...where, title: 'problemNotEnabled', act: 'none' }
  switch (task) {
    case 'opening':
      return { ...where, title: isLogin(code) ? 'problemLogin' : 'problemCannotCreate', act: mayRetry || isLogin(code) ? 'reopen' : 'none' }
    case 'renewing':
      return { ...where, title: isLogin(code) ? 'problemLogin' : 'problemCannotCreate', act: 'pay-again' }
    case 'cancelling':
      return { ...where, title: 'problemCancelling', act: 'cancel' }
    case 'asking':
    case 'loading':
      return { ...where, title: 'problemLoading', more: 'problemLoadingMore', act: 'reload' }
  }
}

/** Another try asks WeChat for another code. */
function isLogin(code: string): boolean {
  return code === 'login_refused' || code === 'payer_unknown' || code === 'no_login_code'
}
