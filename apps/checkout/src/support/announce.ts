export type Urgency = 'polite' | 'urgent'

/** Says a text through one of the two live regions of index.html. */
export function announce(text: string, urgency: Urgency = 'polite'): void {
  const region = document.getElementById(`announcements-${urgency}`)
  if (!region) return
  // The same words again are news only to a region whose text differs.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text
}
