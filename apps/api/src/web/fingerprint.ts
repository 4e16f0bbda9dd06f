import { createHash } from 'node:crypto'

/** SHA-256 (hex) of what a request asks for: the same for the same fields in another order. */
export function fingerprintOf(parameters: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex')
}
