import { type Failure, listFailures } from './failures.ts'
import type { Count } from './reports.ts'

export interface StepResult extends Count {
  name: string
  ms: number
  /** Why it failed, or what is remarkable. */
  note: string
  /** The tests in it that failed, if it is one of tests. */
  failures: Failure[]
}

/** A static step is one check: passed or failed. */
export function verdict(ok: boolean): Count {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }
}

/**
 * Turns what a test runner counted and how it ended into a result that cannot look better than it was:
 * no tests at all, or a bad end without a failed test (a leaked error, a crash, a time-out), is a failure.
 */
export function judge(count: Count, exitCode: number): Count & { note: string } {
  if (count.failed > 0) return { ...count, note: '' }
  if (exitCode !== 0) return { ...count, failed: 1, note: `ended with ${exitCode} though no test failed` }
  if (count.passed === 0) return { ...count, failed: 1, note: 'ran no test' }
  return { ...count, note: '' }
}

/** The tests that failed, then a table of the steps; its last line is the total, `N passed, N failed`. */
export function summarize(results: StepResult[]): string {
  const rows = results.map(({ name, passed, failed, skipped, ms, note }) => {
    const counts = `${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed`
    return [
      failed ? 'FAILED' : 'ok    ',
      name.padEnd(10),
      counts,
      `${(ms / 1000).toFixed(1).padStart(7)} s`,
      skipped ? `${skipped} skipped` : '',
      note,
    ]
      .join('  ')
      .trimEnd()
  })
  const failures = results.flatMap((result) => result.failures)
  const failed = failures.length > 0 ? [listFailures(failures), ''] : []
  return [...failed, ...rows, '', totalLine(results)].join('\n')
}

export function totalLine(results: Pick<Count, 'passed' | 'failed'>[]): string {
  const sum = (key: 'passed' | 'failed'): number => results.reduce((total, result) => total + result[key], 0)
  return `${sum('passed')} passed, ${sum('failed')} failed`
}
