import { hash } from 'node:crypto'
import type { Fields } from '../v2/sign.ts'

/**
 * The text that a v2 signature covers, with the key masked: what to compare with WeChat's own checking tool.
 *
 * @returns e.g. "appid=wx…&mch_id=…&nonce_str=…&sign_type=HMAC-SHA256&key=****"
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=4_3
 */
export function v2SignedText(fields: Fields): string {
  return `${v2TextToSign(fields)}key=****`
}

/** Without the key: "a=1&b=2&". Names in ASCII order, empty values and `sign` left out. */
export function v2TextToSign(fields: Fields): string {
  return [...fields]
    .filter(([name, value]) => value !== '' && name !== 'sign')
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}&`)
    .join('')
}

export const sha256 = (text: string): string => hash('sha256', text, 'hex')

/** "1  GET", one line each, so that an invisible line end is seen: the last line of a signed text is empty. */
export function numbered(text: string): string {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, index) => `  ${index + 1}  ${line === '' ? '(empty)' : line}`)
    .join('\n')
}

export type Comparison = { same: true } | { same: false; line: number; ours: string; theirs: string }

/**
 * The first line in which WeChat's view of a signed text differs from ours. What WeChat tells may be cut short at its end: its last line
 * only has to be the beginning of ours.
 */
export function compareLines(ours: string, theirs: string): Comparison {
  const ourLines = ours.split('\n')
  const theirLines = theirs.split('\n')
  for (const [index, their] of theirLines.entries()) {
    const our = ourLines[index] ?? ''
    const isLast = index === theirLines.length - 1
    if (isLast ? !our.startsWith(their) : our !== their) return { same: false, line: index + 1, ours: our, theirs: their }
  }
  return { same: true }
}
