import { describe, expect, it } from 'vitest'
import { countPlaywright, countVitest } from './reports.ts'

describe("vitest's report", () => {
  const numbers = { numPassedTests: 7, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 }

  it('counts the tests', () => {
    const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] }]
    expect(countVitest({ ...numbers, testResults })).toEqual({ passed: 7, failed: 1, skipped: 0 })
  })

  it('counts a file that could not be loaded as one failure', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'passed' }] },
      { status: 'passed', assertionResults: [] },
    ]
    expect(countVitest({ ...numbers, numFailedTests: 0, testResults })).toMatchObject({ failed: 2 })
  })

  it.each([null, [], {}, { testResults: [] }, { ...numbers, numPassedTests: '7', testResults: [] }])(
    'is refused when it is %j',
    (report) => {
      expect(() => countVitest(report)).toThrow('report')
    },
  )
})

describe("Playwright's report", () => {
  it('counts a flaky test and an error outside tests as failures', () => {
    const report = { stats: { expected: 20, unexpected: 2, flaky: 1, skipped: 3 }, errors: [{ message: 'no server' }] }
    expect(countPlaywright(report)).toEqual({ passed: 20, failed: 4, skipped: 3 })
  })

  it.each([null, {}, { stats: {} }, { stats: {}, errors: [] }])('is refused when it is %j', (report) => {
    expect(() => countPlaywright(report)).toThrow('report')
  })
})
