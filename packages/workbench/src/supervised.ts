/**
 * Loaded into a server that start.ts or serve.ts runs (`node --import`). Ctrl-C goes to every process of the terminal's group at once; the order
 * of stopping (the API first, while the mock still answers it) is the supervisor's task, so the server hears SIGTERM from it and no SIGINT.
 * When the supervisor itself is killed, the channel to it closes, and the server stops in its own orderly way: no orphan keeps the port.
 */
const terminalSignals = new Set<string | symbol>(['SIGINT', 'SIGHUP'])

const { on } = process
function onUnlessFromTerminal(this: typeof process, event: string | symbol, listener: (...args: unknown[]) => void): typeof process {
  if (!terminalSignals.has(event)) Reflect.apply(on, process, [event, listener])
  return process
}
for (const signal of terminalSignals) Reflect.apply(on, process, [signal, () => undefined])
// once() goes through on().
Object.assign(process, { on: onUnlessFromTerminal, addListener: onUnlessFromTerminal })

if (process.channel) {
  Reflect.apply(on, process, ['disconnect', () => process.kill(process.pid, 'SIGTERM')])
  // Listening must not keep a process alive that has come to its end.
  process.channel.unref()
}
