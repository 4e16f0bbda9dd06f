import { createHash } from 'node:crypto'

export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex')

/**
 * Of the server check and of plain pushes over token, timestamp and nonce; `msg_signature` over these and Encrypt. Sorted byte by byte.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/Access_Overview.html
 */
export const signatureOf = (...items: readonly string[]): string => sha1([...items].sort().join(''))
