import type { Finding } from 'wxpay-core/protocol'

/** A finding, or a setting that is no good by itself. */
export interface Row extends Omit<Finding, 'check'> {
  check: string
  /** Names, for where it is to be corrected. */
  settings?: string
}

const stateWidth = 7
/** Two columns of blanks. */
const gap = '  '
/** A terminal narrower than this gets lines that it wraps by itself. */
const narrowest = 40

/** Check, state and what was seen, then what to do: aligned, wrapped at `width` columns. */
export function doctorTable(rows: readonly Row[], width: number): string {
  const checkWidth = Math.max(...rows.map(({ check }) => check.length))
  const textWidth = Math.max(narrowest, width - checkWidth - stateWidth - 2 * gap.length)
  const lines = rows.flatMap((row) => {
    const head = `${row.check.padEnd(checkWidth)}${gap}${row.state.padEnd(stateWidth)}${gap}`
    return textOf(row)
      .flatMap((line) => wrap(line, textWidth))
      .map((line, index) => (index === 0 ? head : ' '.repeat(head.length)) + line)
  })
  return [...lines, '', summary(rows)].join('\n')
}

function textOf({ detail, advice, settings }: Row): string[] {
  const where = settings === undefined ? '' : ` (${settings})`
  return [...detail.split('\n'), ...(advice === undefined ? [] : [`→ ${advice}${where}`])]
}

function summary(rows: readonly Row[]): string {
  const count = (state: Row['state']) => rows.filter((row) => row.state === state).length
  const [faults, warnings] = [count('fault'), count('warning')]
  if (faults + warnings === 0) return 'Nothing is wrong, as far as it can be seen from here.'
  return `${faults} ${faults === 1 ? 'fault' : 'faults'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`
}

/** Breaks between words; a word that is longer than the line stays whole, for it is there to be copied. */
export function wrap(line: string, width: number): string[] {
  const isListed = line.startsWith(' ')
  // A listed line is shown as it is: blanks in it have a meaning.
  if (isListed) return [line]
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current !== '' && columns(`${current} ${word}`) > width) {
      lines.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current]
}

/** Chinese characters and their punctuation take two columns (Unicode, East Asian Width W and F). */
function columns(text: string): number {
  const wide = text.match(/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/g)
  return text.length + (wide?.length ?? 0)
}
