/**
 * The one number that query and accept are called with.
 *
 * @returns undefined when they were called in any other way, with --help say: no number begins with a dash
 */
export function onlyNumber(args: readonly string[]): string | undefined {
  const [number, ...more] = args
  return number === undefined || number.startsWith('-') || more.length > 0 ? undefined : number
}
