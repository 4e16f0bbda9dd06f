import { onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue'
import type { Display } from '../checkout/state.ts'

/** How long a shopper waits before the page says more, in ms. A create is answered within 8 s when WeChat can be reached at all. */
const patienceMs: Partial<Record<Display, number>> = { creating: 15_000, checking: 30_000 }

/** True once the page has been creating or checking for longer than usual: then other words, and whom to ask. */
export function useTakesLong(display: Readonly<Ref<Display>>): Readonly<Ref<boolean>> {
  const takesLong = shallowRef(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    display,
    (now) => {
      clearTimeout(timer)
      takesLong.value = false
      const patience = patienceMs[now]
      if (patience !== undefined) timer = setTimeout(() => (takesLong.value = true), patience)
    },
    { immediate: true, flush: 'sync' },
  )
  onScopeDispose(() => clearTimeout(timer))
  return readonly(takesLong)
}
