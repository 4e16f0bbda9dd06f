import { isDeepStrictEqual } from 'node:util'

/** What is compared must be the same work. @throws {Error} naming the side whose result is another than the first one's */
export function expectSame(results: Readonly<Record<string, unknown>>): void {
  const [first, ...others] = Object.entries(results)
  if (first === undefined || others.length === 0) throw new Error('nothing to compare')
  for (const [name, result] of others) {
    if (!isDeepStrictEqual(result, first[1]))
      throw new Error(`${first[0]} and ${name} differ: ${JSON.stringify(first[1])}, ${JSON.stringify(result)}`)
  }
}
