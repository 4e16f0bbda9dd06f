import type { Benchmark } from '../benchmark.ts'
import type { Cores } from '../servers/cores.ts'
import { compare, type Plan } from './compare.ts'
import { loadNow } from './machine.ts'
import type { Row } from './table.ts'
import { judge } from './verdict.ts'

export interface RunOptions {
  signal: AbortSignal
  cores?: Cores | null
  /** Instead of what the benchmark plans. */
  only?: Partial<Plan>
}

/** Checks that all sides do the same work, then measures ours against each baseline. Closes what it opened, whatever happens. */
export async function runBenchmark({ name, path, plan, open }: Benchmark, { signal, cores = null, only = {} }: RunOptions): Promise<Row[]> {
  const { ours, baselines, check, note, close } = await open(cores)
  try {
    await check()
    const rows: Row[] = []
    for (const { name: baseline, goal, side } of baselines) {
      signal.throwIfAborted()
      const before = loadNow()
      const comparison = await compare({ ours, baseline: side }, { ...plan, ...only })
      rows.push({
        name,
        path,
        baseline,
        ...comparison,
        ...goal,
        verdict: judge(comparison.ratio, goal),
        load: [before, loadNow()],
        ...(note && { note: note() }),
      })
    }
    return rows
  } finally {
    await close()
  }
}
