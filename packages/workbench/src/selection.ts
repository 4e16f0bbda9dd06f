/**
 * Reads `--only lint,unit` (or `--only=lint,unit`).
 *
 * @param names - in the order of running
 * @returns the chosen names in that same order; all of them without the option
 * @throws {Error} that lists the names when an argument is not understood
 */
export function selectSteps(args: string[], names: string[]): string[] {
  // pnpm passes its own "--" on.
  const words = args
    .filter((arg) => arg !== '--')
    .flatMap((arg) => (arg.startsWith('--only=') ? ['--only', arg.slice('--only='.length)] : [arg]))
  if (words.length === 0) return names
  const [option, list = '', ...rest] = words
  const wanted = list.split(',').filter(Boolean)
  if (option !== '--only' || rest.length > 0 || wanted.length === 0 || !wanted.every((name) => names.includes(name))) {
    throw new Error(`Not understood: ${args.join(' ')}\nAll steps run without options; some of them: --only ${names.join(',')}`)
  }
  return names.filter((name) => wanted.includes(name))
}
