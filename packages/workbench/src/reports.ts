import { isObject } from './paths.ts'

/** What a run of tests came to. */
export interface Count {
  passed: number
  failed: number
  skipped: number
}

/**
 * Counts vitest's JSON report. A file that could not even be loaded has no failed test in it: it counts as one.
 *
 * @throws {Error} when it is no such report
 */
export function countVitest(report: unknown): Count {
  const files = isObject(report) ? report['testResults'] : undefined
  if (!isObject(report) || !Array.isArray(files)) throw new Error("not a report of vitest's")
  const brokenFiles = files.filter((file) => isObject(file) && file['status'] === 'failed' && !hasFailedTest(file)).length
  return {
    passed: number(report, 'numPassedTests'),
    failed: number(report, 'numFailedTests') + brokenFiles,
    skipped: number(report, 'numPendingTests') + number(report, 'numTodoTests'),
  }
}

/** Counts Playwright's JSON report. Errors outside tests (a broken config, a server that did not start) count too. @throws {Error} when it is no such report */
export function countPlaywright(report: unknown): Count {
  const stats = isObject(report) ? report['stats'] : undefined
  const errors = isObject(report) ? report['errors'] : undefined
  if (!isObject(stats) || !Array.isArray(errors)) throw new Error("not a report of Playwright's")
  return {
    passed: number(stats, 'expected'),
    // A test that passed only when it was tried again has failed once.
    failed: number(stats, 'unexpected') + number(stats, 'flaky') + errors.length,
    skipped: number(stats, 'skipped'),
  }
}

function hasFailedTest(file: Record<string, unknown>): boolean {
  const tests = file['assertionResults']
  return Array.isArray(tests) && tests.some((test) => isObject(test) && test['status'] === 'failed')
}

function number(from: Record<string, unknown>, name: string): number {
  const value = from[name]
  if (typeof value !== 'number') throw new Error(`the report has no number "${name}"`)
  return value
}
