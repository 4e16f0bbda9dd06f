/** `bench [name…] [--check] [--json]`: the speeds that are promised, each as a ratio to a baseline that is measured beside it. */
import { readArguments } from './arguments.ts'
import { benchmarks } from './benchmarks.ts'
import { describeMachine } from './harness/machine.ts'
import { runBenchmark } from './harness/runBenchmark.ts'
import { findCores } from './servers/cores.ts'
import { formatReport, type Row } from './harness/table.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort(new Error(signal)))

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function main(argv: readonly string[]): Promise<number> {
  const { names, check, json } = readArguments(
    argv,
    benchmarks.map(({ name }) => name),
  )
  const machine = describeMachine()
  const cores = findCores()
  const rows: Row[] = []
  let failed = false
  for (const benchmark of benchmarks) {
    if (names.length > 0 && !names.includes(benchmark.name)) continue
    process.stderr.write(`${benchmark.name}: ${benchmark.path} …\n`)
    try {
      rows.push(...(await runBenchmark(benchmark, { signal: stopping.signal, cores })))
    } catch (error) {
      // The others have figures to tell.
      stopping.signal.throwIfAborted()
      process.stderr.write(`${benchmark.name} failed: ${error instanceof Error ? error.message : String(error)}\n`)
      failed = true
    }
  }
  process.stdout.write(json ? `${JSON.stringify({ machine, rows }, null, 2)}\n` : `\n${formatReport({ machine, rows })}`)
  const missed = rows.some(({ verdict }) => verdict === 'missed')
  return failed || (check && missed) ? 1 : 0
}
