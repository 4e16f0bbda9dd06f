/** The fields that differ from what is shown, compared as the JSON that setData would send; null when none does. */
export function changedFields(shown: Record<string, unknown>, next: Record<string, unknown>): Record<string, unknown> | null {
  const changed = Object.entries(next).filter(([name, value]) => JSON.stringify(shown[name]) !== JSON.stringify(value))
  return changed.length === 0 ? null : Object.fromEntries(changed)
}
