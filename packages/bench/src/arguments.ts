import { parseArgs } from 'node:util'

export interface Arguments {
  /** Which to run; all when empty. */
  names: readonly string[]
  /** End with 1 when a "must" is missed. */
  check: boolean
  /** Figures for programs instead of the table. */
  json: boolean
}

/** @throws {Error} for what is no option, and for names that no benchmark has */
export function readArguments(argv: readonly string[], known: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { check: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  })
  const unknown = positionals.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  return { names: positionals, ...values }
}
