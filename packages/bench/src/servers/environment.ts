/** What any program needs; nothing of ours, so that settings of the person who measures do not leak into what is measured. */
export function basicEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'NODE_COMPILE_CACHE']
  // eslint-disable-next-line no-restricted-properties -- not settings of ours: what the servers inherit
  const { env } = process
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}
