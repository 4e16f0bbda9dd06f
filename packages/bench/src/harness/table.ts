import type { Goal } from '../benchmark.ts'
import type { Comparison } from './compare.ts'
import type { Machine } from './machine.ts'
import type { Verdict } from './verdict.ts'

export interface Row extends Comparison, Goal {
  name: string
  path: string
  baseline: string
  verdict: Verdict
  /** Load average when it began and when it ended. */
  load: readonly [number, number]
  /** What the ratio does not say. */
  note?: string
}

export interface Report {
  machine: Machine
  rows: readonly Row[]
}

const headings = ['name', 'what', 'against', 'ratio', 'middle half', 'by cpu', 'must', 'aim', 'reached', 'ours/s', 'baseline/s', 'load']

/** The report as text: the machine, then a row per comparison. */
export function formatReport({ machine, rows }: Report): string {
  const { cpu, cores, node, platform } = machine
  const lines = rows.map((row) => [
    row.name,
    row.path,
    row.baseline,
    row.ratio.toFixed(2),
    `${row.from.toFixed(2)}–${row.to.toFixed(2)}`,
    row.cpuRatio?.toFixed(2) ?? '–',
    row.must?.toFixed(2) ?? '–',
    row.aim.toFixed(2),
    row.verdict,
    whole(row.oursPerSecond),
    whole(row.baselinePerSecond),
    row.load.map((load) => load.toFixed(1)).join('→'),
  ])
  const notes = rows.flatMap(({ name, note }) => (note === undefined ? [] : [`\n${name}: ${note}\n`]))
  return `${cpu}, ${cores} cores, ${platform}, Node ${node}\n\n${formatTable([headings, ...lines])}\n${notes.join('')}`
}

/** Columns as wide as their widest cell, two spaces between, no spaces at the end. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)))
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd() // prettier-ignore
  return rows.map(line).join('\n')
}

function whole(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1)
}
