/**
 * The arguments of initdb for a cluster whose superuser is `app`. Encoding and locale are fixed: without them a
 * machine that has no LANG gets SQL_ASCII, and a cluster must not sort differently on another machine.
 *
 * @param dataDirectory - made by initdb; its parent must belong to the user who runs it
 */
export function initdbArguments(dataDirectory: string, more: readonly string[]): string[] {
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  return ['-D', dataDirectory, '-U', 'app', ...locale, ...more]
}
