const shapes: readonly [RegExp, string][] = [
  [/^\/$/, '/'],
  [/^\/pay\/[^/]+$/, '/pay/:token'],
  [/^\/receipt\/[^/]+$/, '/receipt/:token'],
  [/^\/console\/codes$/, '/console/codes'],
]

/** The pattern of the page at this address, for logs and metrics; null when there is none. */
export function pageAt(path: string): string | null {
  return shapes.find(([shape]) => shape.test(path))?.[1] ?? null
}
