import { createHash, randomBytes, randomInt } from 'node:crypto'

/** What is handed to somebody and comes back: 256 random bits, 43 characters, safe in a cookie and in a header. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

export const secretShape = /^[A-Za-z0-9_-]{43}$/

const lettersAndDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** WeChat returns letters and digits unchanged, at most 128 (chapter 网页授权, "state"). 190 random bits. */
export function newState(): string {
  return randomLetters(32)
}

export function randomLetters(length: number): string {
  return Array.from({ length }, () => lettersAndDigits.charAt(randomInt(lettersAndDigits.length))).join('')
}

/** What is stored of a secret. It has too many random bits for guessing, so one round is enough. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
