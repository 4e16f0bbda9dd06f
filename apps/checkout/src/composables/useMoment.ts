import { onScopeDispose, shallowReadonly, shallowRef, watch, type Ref } from 'vue'

/** Often enough that no second is skipped on the screen. */
const stepMs = 250

export interface Moment {
  moment: Readonly<Ref<number>>
  refresh(): void
}

/**
 * The moment on the scale of performance.now(), kept fresh while it is needed: no wall clock, no counting down,
 * so a wrong clock, a sleeping laptop and a throttled tab change nothing.
 */
export function useMoment(isNeeded: Ref<boolean>, now: () => number = () => performance.now()): Moment {
  const moment = shallowRef(now())
  let timer: ReturnType<typeof setInterval> | undefined
  const refresh = () => {
    moment.value = now()
  }
  watch(
    isNeeded,
    (needed) => {
      clearInterval(timer)
      refresh()
      if (needed) timer = setInterval(refresh, stepMs)
    },
    { immediate: true, flush: 'sync' },
  )
  document.addEventListener('visibilitychange', refresh)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', refresh)
  })
  return { moment: shallowReadonly(moment), refresh }
}
