import { pageAt } from './pageAddresses.ts'

/** Printable ASCII that no browser drops or turns round on its way: no backslash, no tab, no second slash in front. No fragment: it stays in the browser. */
const plainPath = /^\/(?![/\\])[\x21\x22\x24-\x5b\x5d-\x7e]{0,1023}$/

/** A page of ours to come back to, or null: whatever leads to another site is refused, not mended. */
export function readReturnPath(value: string): string | null {
  if (!plainPath.test(value)) return null
  const url = URL.parse(value, 'https://ours.invalid')
  if (url?.origin !== 'https://ours.invalid') return null
  // Dots are resolved by the browser: the page has to be the one that it then asks for.
  return url.pathname === value.split('?')[0] && pageAt(url.pathname) !== null ? value : null
}
