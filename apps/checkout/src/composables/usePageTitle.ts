import { onScopeDispose, watchEffect } from 'vue'

/** The title in the browser's tab, and the mark beside it: a cashier sees "paid" from another tab. */
export function usePageTitle(title: () => string, isPaid: () => boolean): void {
  watchEffect(() => {
    document.title = title()
  })
  watchEffect(() => setIcon(isPaid()))
  onScopeDispose(() => setIcon(false))
}

function setIcon(isPaid: boolean): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  if (icon) icon.href = isPaid ? '/favicon-paid.svg' : '/favicon.svg'
}
