import { computed, type ComputedRef, type Ref } from 'vue'

/**
 * Whole seconds until a moment, rounded up: 0 is shown only when it is over.
 *
 * @param endsAt - on the scale of performance.now(), like `moment`; null when nothing is counted down
 */
export function useCountdown(endsAt: Ref<number | null>, moment: Readonly<Ref<number>>): ComputedRef<number | null> {
  return computed(() => (endsAt.value === null ? null : Math.max(0, Math.ceil((endsAt.value - moment.value) / 1000))))
}

/** 272 → "04:32" */
export function formatCountdown(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}
