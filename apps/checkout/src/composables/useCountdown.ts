import { computed, watch, type ComputedRef, type Ref } from 'vue'
import type { Moment } from './useMoment.ts'

/**
 * Whole seconds until a moment, rounded up: 0 is shown only when it is over.
 *
 * @param endsAt - on the scale of performance.now(), like the moment; null when nothing is counted down
 */
export function useCountdown(endsAt: Ref<number | null>, { moment, refresh }: Moment): ComputedRef<number | null> {
  // Counted from the moment of the answer, not from a quarter of a second before it: five minutes never look like 05:01.
  watch(endsAt, refresh, { flush: 'sync' })
  return computed(() => (endsAt.value === null ? null : Math.max(0, Math.ceil((endsAt.value - moment.value) / 1000))))
}

/** 272 → "04:32" */
export function formatCountdown(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}
