import { onScopeDispose } from 'vue'

/** Keys of a real keyboard count wherever the focus is, unless it is in something that takes keys itself. */
export function useHardwareKeys(take: (key: string) => boolean): void {
  function onKeydown(event: KeyboardEvent): void {
    const takesKeys = event.target instanceof HTMLElement && event.target.closest('input, select, textarea, [role=dialog]')
    if (takesKeys || event.ctrlKey || event.metaKey || event.altKey) return
    if (take(event.key)) event.preventDefault()
  }
  window.addEventListener('keydown', onKeydown)
  onScopeDispose(() => window.removeEventListener('keydown', onKeydown))
}
