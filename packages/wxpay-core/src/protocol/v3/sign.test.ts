import { createPrivateKey, hash, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { merchantPublicKey, v3 } from '../../testing/v3.ts'
import { authorize, requestMessage, signMessage, type SignableRequest } from './sign.ts'

const { merchant, mchid } = v3.keys
const privateKey = createPrivateKey(merchant.private_key_pem)

function signable({ method, url, timestamp, nonce_str, body }: (typeof v3.request_signing)[number]): SignableRequest {
  if (method !== 'GET' && method !== 'POST') throw new TypeError(`no method of ours: ${method}`)
  return { method, pathAndQuery: url, timestamp: Number(timestamp), nonce: nonce_str, body }
}

describe('the signature of a request', () => {
  it.each(v3.request_signing)('$name is the vector’s, to the byte', async (vector) => {
    const message = requestMessage(signable(vector))
    expect(message).toBe(vector.message)
    expect(hash('sha256', message, 'hex')).toBe(vector.message_sha256)
    expect(await signMessage(message, privateKey)).toBe(vector.signature)
    expect(await authorize({ mchId: mchid, serial: merchant.serial_no, privateKey }, signable(vector))).toBe(vector.authorization)
  })

  it('verifies with the merchant’s certificate', async () => {
    const signature = Buffer.from(await signMessage('a\n', privateKey), 'base64')
    expect(verify('RSA-SHA256', Buffer.from('a\n'), merchantPublicKey, signature)).toBe(true)
  })

  it('is over seconds: milliseconds are refused', () => {
    const request = { method: 'GET', pathAndQuery: '/v3/certificates', timestamp: 1_767_225_600_000, nonce: 'n', body: '' } as const
    expect(() => requestMessage(request)).toThrow(RangeError)
  })
})
