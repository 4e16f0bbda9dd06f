import type { CheckoutState, Fallback } from '../../checkout/state.ts'
import { troubleWords } from '../../checkout/troubleWords.ts'
import type { MessageKey } from '../../i18n.ts'

const fallbackWords: Record<Fallback, MessageKey> = { 'payer-unknown': 'payerUnknown', 'not-enabled': 'wayNotEnabled' }

/** A request that did not get through, or a way that is not offered: what the shopper can pay with is still good. */
export function stageNotice(state: CheckoutState): MessageKey | null {
  if (state.trouble) return troubleWords[state.trouble]
  if (state.failure?.task === 'extending') return 'problemExtending'
  if (state.failure?.task === 'cancelling') return 'problemCancelling'
  if (state.failure?.task === 'renewing') return 'problemCannotCreate'
  if (!state.extendable) return 'problemExtendOver'
  if (state.waitedLong) return 'longWaitTitle'
  return state.fallback && fallbackWords[state.fallback]
}
