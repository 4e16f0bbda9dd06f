import { describe, expect, it } from 'vitest'
import { formatReport, formatTable, type Row } from './table.ts'
import { judge } from './verdict.ts'

const row: Row = {
  name: 'v2-sign',
  path: 'sign',
  baseline: 'node:crypto',
  ratio: 0.914,
  from: 0.9,
  to: 0.95,
  rounds: 21,
  cpuRatio: null,
  must: 0.85,
  aim: 1,
  verdict: 'must',
  oursPerSecond: 123_456.7,
  baselinePerSecond: 12.34,
  load: [0.5, 1.25],
}

describe('the report', () => {
  it('names the machine, and what each figure is measured against', () => {
    const text = formatReport({ machine: { cpu: 'Some CPU', cores: 2, node: 'v24.0.0', platform: 'linux x64' }, rows: [row] })
    expect(text.split('\n')).toEqual([
      'Some CPU, 2 cores, linux x64, Node v24.0.0',
      '',
      'name     what  against      ratio  middle half  by cpu  must  aim   reached  ours/s  baseline/s  load',
      'v2-sign  sign  node:crypto  0.91   0.90–0.95    –       0.85  1.00  must     123457  12.3        0.5→1.3',
      '',
    ])
  })

  it('keeps its columns under each other', () => {
    expect(formatTable([['a', 'b'], ['long', 'c'], ['', 'd']])).toBe('a     b\nlong  c\n      d') // prettier-ignore
  })
})

describe('the verdict', () => {
  it.each([
    [0.59, 'missed'],
    [0.594, 'missed'],
    [0.595, 'must'],
    [0.6, 'must'],
    [0.84, 'must'],
    [0.85, 'aim'],
    [3, 'aim'],
  ])('on %d, where 0.60 must be and 0.85 is aimed at, is %s', (ratio, verdict) => {
    expect(judge(ratio, { must: 0.6, aim: 0.85 })).toBe(verdict)
  })

  it('of what is aimed at only does not fail anything', () => {
    expect([0.9, 1].map((ratio) => judge(ratio, { must: null, aim: 1 }))).toEqual(['below', 'aim'])
  })
})
