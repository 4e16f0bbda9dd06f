import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { merchantPublicKey, v3, wechatPublicKey } from '../../testing/v3.ts'
import { decryptField, encryptField } from './oaep.ts'

const privateKeys = new Map([
  ['keys.wechatpay_public_key.private_key_pem', createPrivateKey(v3.keys.wechatpay_public_key.private_key_pem)],
  ['keys.merchant.private_key_pem', createPrivateKey(v3.keys.merchant.private_key_pem)],
])

describe('RSA-OAEP with SHA-1', () => {
  it.each(v3.rsa_oaep_sha1)('opens the vector $name', ({ plaintext, ciphertext_base64, decrypt_with }) => {
    const privateKey = privateKeys.get(decrypt_with)
    if (!privateKey) throw new Error(`no key ${decrypt_with}`)
    expect(decryptField(ciphertext_base64, privateKey)).toBe(plaintext)
  })

  it('makes what only the other half opens, each time another text', () => {
    const privateKey = createPrivateKey(v3.keys.wechatpay_public_key.private_key_pem)
    const [first, second] = [encryptField('张三', wechatPublicKey), encryptField('张三', wechatPublicKey)]
    expect(first).not.toBe(second)
    expect(decryptField(first, privateKey)).toBe('张三')
    expect(() => decryptField(encryptField('张三', merchantPublicKey), privateKey)).toThrow()
  })

  it('takes 214 bytes, not characters, and not one more', () => {
    expect(() => encryptField('张'.repeat(71), wechatPublicKey)).not.toThrow()
    expect(() => encryptField('x'.repeat(215), wechatPublicKey)).toThrow(new RangeError('the text must have at most 214 bytes'))
  })
})
