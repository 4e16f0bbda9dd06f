import { isObject } from './gate.ts'

/** A body as one text per leaf ("amount.total" → "4580"): what a repeat is compared with. Which fields WeChat compares is not documented: here all. */
export function flatten(body: Record<string, unknown>, prefix = ''): Record<string, string> {
  const leaves = Object.entries(body).flatMap(([name, value]) =>
    isObject(value) ? Object.entries(flatten(value, `${prefix}${name}.`)) : [[`${prefix}${name}`, canonical(value)] as const],
  )
  return Object.fromEntries(leaves)
}

/** JSON whose names are in order, so that two writings of one list are one text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )
}
