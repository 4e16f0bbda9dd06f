/** Calls back whenever the shopper or the network comes back to the page: each may be the end of a long silence. */
export function onReturn(callback: () => void): () => void {
  const whenVisible = () => {
    if (document.visibilityState === 'visible') callback()
  }
  const onWindow = ['pageshow', 'online', 'focus'] as const
  document.addEventListener('visibilitychange', whenVisible)
  for (const event of onWindow) window.addEventListener(event, callback)
  return () => {
    document.removeEventListener('visibilitychange', whenVisible)
    for (const event of onWindow) window.removeEventListener(event, callback)
  }
}
