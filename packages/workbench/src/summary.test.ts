import { describe, expect, it } from 'vitest'
import { judge, summarize, verdict } from './summary.ts'

const count = (passed: number, failed: number) => ({ passed, failed, skipped: 0 })

describe('the judgement of a run of tests', () => {
  it('is what was counted when the runner ended well', () => {
    expect(judge(count(12, 0), 0)).toEqual({ ...count(12, 0), note: '' })
  })

  it('is a failure when no test ran', () => {
    expect(judge(count(0, 0), 0)).toMatchObject({ failed: 1, note: 'ran no test' })
  })

  it('is a failure when the runner ended badly though no test failed', () => {
    expect(judge(count(12, 0), 1)).toMatchObject({ passed: 12, failed: 1 })
  })

  it('counts each failed test once', () => {
    expect(judge(count(10, 2), 1)).toMatchObject({ passed: 10, failed: 2 })
  })
})

describe('the summary', () => {
  it('ends with the total of all steps', () => {
    const text = summarize([
      { name: 'lint', ...verdict(true), ms: 9_000, note: '', failures: [] },
      { name: 'unit', ...count(240, 2), ms: 61_234, note: '', failures: [{ test: 'a.test.ts › adds', message: 'expected 3' }] },
      { name: 'browser', ...verdict(false), ms: 10, note: 'no browser', failures: [] },
    ])
    expect(text.split('\n').at(-1)).toBe('241 passed, 3 failed')
    expect(text).toMatch(/FAILED {2}unit .* 240 passed +2 failed +61\.2 s/)
    expect(text).toMatch(/FAILED {2}browser.*no browser/)
    expect(text).toMatch(/ok +lint/)
    expect(text.indexOf('FAILED  a.test.ts › adds\n    expected 3\n\n')).toBe(0)
  })
})
