import { beijingClock } from '../support/beijing.ts'

/** Yuan with two decimals. */
export function yuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** Fees have five decimals, although they are whole fen: -0.06000. */
export const feeYuan = (fen: number): string => `${yuan(fen)}000`

/** yyyy-MM-dd HH:mm:ss in Beijing. */
export const billTime = (atMs: number): string => beijingClock(atMs).replace('T', ' ')

/** How a bill is written. WeChat does not document all of it: byte order mark and line ends are switches. */
export interface Dialect {
  bom: boolean
  newline: '\r\n' | '\n'
  /** v3 escapes commas in the merchant's own text; v2 says that there may be some. */
  commas: 'escaped' | 'raw'
}

// eslint-disable-next-line no-control-regex -- WeChat names this very control character
const special = /[,\r\n\u0001]/

/**
 * Names, remarks and device numbers are the merchant's own text.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791907
 */
export function customText(text: string, { commas }: Pick<Dialect, 'commas'>): string {
  if (!special.test(text)) return text
  const oneLine = text
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\u0001', ' ')
  return commas === 'escaped' ? oneLine.replaceAll(',', '\\ ') : oneLine
}

/** Every value of a data line has a backtick in front; names of columns have none. */
export const dataLine = (cells: readonly string[]): string => '`' + cells.join(',`')
