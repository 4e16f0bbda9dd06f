import { stripVTControlCharacters } from 'node:util'
import { isObject } from './paths.ts'

/** A test that failed, or what kept tests from running. */
export interface Failure {
  /** Where it stands and what it is called. */
  test: string
  /** What it said, colours removed. */
  message: string
}

/** The failed tests of vitest's JSON report, and the files that could not be loaded. */
export function failuresOfVitest(report: unknown): Failure[] {
  return objectsIn(report, 'testResults').flatMap((file): Failure[] => {
    if (file['status'] !== 'failed') return []
    const name = textOf(file, 'name')
    const tests = objectsIn(file, 'assertionResults').filter((test) => test['status'] === 'failed')
    if (tests.length === 0) return [{ test: name, message: plain(textOf(file, 'message')) }]
    return tests.map((test) => ({
      test: `${name} › ${textOf(test, 'fullName')}`,
      message: plain(textsIn(test, 'failureMessages').join('\n')),
    }))
  })
}

/** The failed tests of Playwright's JSON report, and the errors outside tests. */
export function failuresOfPlaywright(report: unknown): Failure[] {
  const outside = objectsIn(report, 'errors').map((error) => ({ test: 'outside of tests', message: plain(textOf(error, 'message')) }))
  return [...failuresOfSuites(report), ...outside]
}

function failuresOfSuites(parent: unknown): Failure[] {
  return objectsIn(parent, 'suites').flatMap((suite) => [
    ...objectsIn(suite, 'specs').flatMap((spec) =>
      objectsIn(spec, 'tests')
        .filter((test) => test['status'] === 'unexpected' || test['status'] === 'flaky')
        .map((test) => ({
          test: `[${textOf(test, 'projectName')}] ${textOf(spec, 'file')} › ${textOf(spec, 'title')}`,
          message: objectsIn(test, 'results')
            .flatMap((result) => objectsIn(result, 'errors'))
            .map((error) => plain(textOf(error, 'message')))
            .join('\n'),
        })),
    ),
    ...failuresOfSuites(suite),
  ])
}

const linesShown = 14

/** A line of a stack that is not of ours. */
const frameOfOthers = /^\s*at .*(node_modules|node:|<anonymous>)/

/** For the end of a run, where it is looked for first: each failed test with the beginning of what it said. */
export function listFailures(failures: readonly Failure[]): string {
  return failures
    .map(({ test, message }) => {
      const lines = message.split('\n').filter((line) => line.trim() !== '' && !frameOfOthers.test(line))
      const shown = lines.slice(0, linesShown).map((line) => `    ${line}`)
      if (lines.length > linesShown) shown.push('    …')
      return [`FAILED  ${test}`, ...shown].join('\n')
    })
    .join('\n\n')
}

const plain = stripVTControlCharacters

function objectsIn(from: unknown, name: string): Record<string, unknown>[] {
  const list = isObject(from) ? from[name] : undefined
  return Array.isArray(list) ? list.filter(isObject) : []
}

function textsIn(from: Record<string, unknown>, name: string): string[] {
  const list = from[name]
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []
}

function textOf(from: Record<string, unknown>, name: string): string {
  const value = from[name]
  return typeof value === 'string' ? value : ''
}
