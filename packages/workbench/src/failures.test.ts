import { describe, expect, it } from 'vitest'
import { failuresOfPlaywright, failuresOfVitest, listFailures } from './failures.ts'

const red = (text: string): string => `\u001B[31m${text}\u001B[39m`

describe('the failures that a report names', () => {
  it('are the failed tests of vitest, and a file that could not be loaded', () => {
    const report = {
      testResults: [
        {
          name: 'a.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'failed', fullName: 'adds', failureMessages: [red('expected 3'), 'at a.ts'] },
            { status: 'passed', fullName: 'subtracts', failureMessages: [] },
          ],
        },
        { name: 'b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
        { name: 'c.test.ts', status: 'passed', assertionResults: [] },
      ],
    }
    expect(failuresOfVitest(report)).toEqual([
      { test: 'a.test.ts › adds', message: 'expected 3\nat a.ts' },
      { test: 'b.test.ts', message: 'no such module' },
    ])
  })

  it('are the failed and the flaky tests of Playwright at any depth, and errors outside of tests', () => {
    const spec = (title: string, status: string) => ({
      title,
      file: 'pay.spec.ts',
      tests: [{ projectName: 'v3', status, results: [{ errors: [{ message: red('no dialog') }] }, { errors: [] }] }],
    })
    const report = {
      suites: [{ specs: [spec('pays', 'unexpected'), spec('waits', 'expected')], suites: [{ specs: [spec('closes', 'flaky')] }] }],
      errors: [{ message: 'no server' }],
    }
    expect(failuresOfPlaywright(report)).toEqual([
      { test: '[v3] pay.spec.ts › pays', message: 'no dialog' },
      { test: '[v3] pay.spec.ts › closes', message: 'no dialog' },
      { test: 'outside of tests', message: 'no server' },
    ])
  })

  it.each([null, 'text', {}, { suites: {}, testResults: [1] }])('are none in %j, which another check refuses', (report) => {
    expect([...failuresOfVitest(report), ...failuresOfPlaywright(report)]).toEqual([])
  })
})

describe('the list of failures', () => {
  it('shows the beginning of what each said', () => {
    const message = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n\n')
    const text = listFailures([
      { test: 'first', message: 'short\n    at new Promise (<anonymous>)\n    at file:///shop/node_modules/vitest/run.js:1:1' },
      { test: 'second', message },
    ])
    expect(text).toContain('FAILED  first\n    short\n\nFAILED  second\n    line 0\n    line 1\n')
    expect(text.split('\n').at(-1)).toBe('    …')
    expect(text).not.toContain('line 39')
  })

  it('is empty when nothing failed', () => {
    expect(listFailures([])).toBe('')
  })
})
