import { watch, type Ref } from 'vue'
import { formatYuan, toFen } from 'wxpay-core/money'
import { wayOf } from '../checkout/display.ts'
import type { HandBack } from '../checkout/handOver.ts'
import type { CheckoutState, Display } from '../checkout/state.ts'
import { troubleWords } from '../checkout/troubleWords.ts'
import { wayWords } from '../checkout/wayWords.ts'
import { t, type MessageKey } from '../i18n.ts'
import { announce } from '../support/announce.ts'

/** The seconds at which a screen reader hears how much time is left; the countdown itself is silent. */
const spokenSeconds = [60, 30, 10]

/** What the shopper chooses about after a visit to WeChat's own sheet or page. */
const backWords: Partial<Record<HandBack, MessageKey>> = {
  cancelled: 'bridgeCancelledTitle',
  failed: 'bridgeFailedTitle',
  'no-bridge': 'bridgeMissingTitle',
  returned: 'haveYouPaidTitle',
}

/** Says every change of state, once, in words. */
export function useAnnouncements(state: Ref<CheckoutState>, secondsLeft: Ref<number | null>, amountFen: Ref<number>): void {
  watch(
    () => state.value.display,
    (display, before) => sayState(display, before),
  )
  watch(
    () => state.value.trouble,
    (trouble) => {
      if (trouble) announce(t(troubleWords[trouble]))
    },
  )
  watch(
    () => state.value.waitedLong,
    (waitedLong) => {
      if (waitedLong) announce(`${t('longWaitTitle')} ${t('longWaitExplanation')}`)
    },
  )
  watch(
    () => state.value.handOver,
    ({ step, result }) => {
      const words = step === 'back' && result !== null ? backWords[result] : undefined
      if (step === 'under-way') announce(t(wayOf(state.value) === 'h5' ? 'linkOpening' : 'sheetOpenTitle'))
      else if (words) announce(t(words))
    },
  )
  watch(secondsLeft, (seconds, before) => {
    if (seconds === null || before === null || seconds >= before || !isCounting(state.value.display)) return
    // A throttled tab may skip a second: the mark that was passed is spoken, with the seconds that are true.
    if (spokenSeconds.some((mark) => seconds <= mark && before > mark)) announce(t('saySecondsLeft', { seconds }))
  })

  function sayState(display: Display, before: Display): void {
    const amount = formatYuan(toFen(amountFen.value))
    const words = wayWords(wayOf(state.value))
    switch (display) {
      case 'creating':
        return announce(t(words.creating))
      case 'waiting':
        return announce(t(words.waiting, { amount }))
      case 'checking':
        return announce(
          state.value.task === 'loading'
            ? t('loading')
            : t(isCounting(before) && state.value.timeLeft === 'none' ? 'sayTimeUp' : 'sayChecking'),
        )
      case 'paid':
        return announce(t('sayPaid', { amount }), 'urgent')
      case 'expired':
        return announce(t(words.expired))
      case 'closed':
        return announce(t('sayClosed'))
      case 'offline':
        return announce(t(words.offline))
      // 'expiring' is announced by the countdown, an error by its own words where it is shown.
      case 'expiring':
      case 'error':
      case 'idle':
        return
    }
  }
}

function isCounting(display: Display): boolean {
  return display === 'waiting' || display === 'expiring' || display === 'offline'
}
