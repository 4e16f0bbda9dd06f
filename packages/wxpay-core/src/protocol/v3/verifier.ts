import type { IncomingHttpHeaders } from 'node:http'
import type { KeyRing } from './keyRing.ts'
import { SignatureError } from './signatureError.ts'
import { checkSignature, readSignature } from './verify.ts'

/**
 * Verifies WeChat's signature over a body, of an answer and of a notice alike: headers, clock, key, signature.
 * `patience` is asked for only when the key has to be downloaded.
 *
 * @throws {SignatureError}
 */
export type Verify = (headers: IncomingHttpHeaders, body: Buffer, patience: () => AbortSignal) => Promise<void>

export function createVerifier({ ring, now }: { ring: KeyRing; now: () => number }): Verify {
  return async (headers, body, patience) => {
    const signature = readSignature(headers, now())
    const key = ring.get(signature.serial) ?? (await ring.lookUp(signature.serial, patience()))
    if (!key) throw new SignatureError('unknown-key', 'no key of ours has the serial in Wechatpay-Serial', { cause: ring.lastFailure() })
    checkSignature(signature, body, key)
  }
}
