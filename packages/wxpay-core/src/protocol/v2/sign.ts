import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto'

export type SignType = 'MD5' | 'HMAC-SHA256'

/** A message as WeChat signs it: names and untouched text values, unknown names too. */
export type Fields = ReadonlyMap<string, string>

export interface Signer {
  readonly signType: SignType
  /** Upper-case hex: 32 characters for MD5, 64 for HMAC-SHA256. */
  sign(fields: Fields): string
  /** True only when the message names no other sign type and its `sign` is right. */
  verify(fields: Fields): boolean
}

/**
 * Signs and verifies with one key and one sign type. The key stays in the closure: it is on no object that could be printed.
 *
 * @param key - the API v2 key, 32 ASCII bytes
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=4_3
 */
export function createSigner(key: string, signType: SignType): Signer {
  const hmacKey = createSecretKey(key, 'ascii')
  const digest =
    signType === 'MD5'
      ? (text: string) => hash('md5', text, 'hex')
      : (text: string) => createHmac('sha256', hmacKey).update(text, 'utf8').digest('hex')
  const sign = (fields: Fields) => digest(`${joined(fields)}key=${key}`).toUpperCase()

  return {
    signType,
    sign,
    verify(fields) {
      // A message that was signed with MD5 must not pass where HMAC-SHA256 is configured, nor the other way round.
      const named = fields.get('sign_type')
      if (named !== undefined && named !== '' && named !== signType) return false
      return isEqual(sign(fields), fields.get('sign') ?? '')
    },
  }
}

/** Names in code-unit order (what WeChat calls ASCII order), empty values and `sign` left out: "a=1&b=2&". */
function joined(fields: Fields): string {
  let text = ''
  for (const name of [...fields.keys()].sort()) {
    const value = fields.get(name)
    if (value !== undefined && value !== '' && name !== 'sign') text += `${name}=${value}&`
  }
  return text
}

function isEqual(expected: string, actual: string): boolean {
  const ours = Buffer.from(expected, 'utf8')
  const theirs = Buffer.from(actual, 'utf8')
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}
