import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBench } from '../testing/bench.ts'
import type { JsonAnswer } from '../testing/jsonShop.ts'
import { openResource } from './aead.ts'
import { isSignedBy, messageText } from './sign.ts'

/** Whether a public key or certificate verifies an answer. */
function fits({ headers, text }: JsonAnswer, holder: string): boolean {
  const signed = messageText(headers.get('wechatpay-timestamp') ?? '', headers.get('wechatpay-nonce') ?? '', text)
  return isSignedBy(Buffer.from(signed), headers.get('wechatpay-signature') ?? '', holder)
}

const serialOf = ({ headers }: JsonAnswer) => headers.get('wechatpay-serial')
const Certificates = z.object({
  data: z.array(
    z.object({
      serial_no: z.string(),
      effective_time: z.string(),
      expire_time: z.string(),
      encrypt_certificate: z.object({
        algorithm: z.literal('AEAD_AES_256_GCM'),
        nonce: z.string().length(12),
        associated_data: z.literal('certificate'),
        ciphertext: z.string(),
      }),
    }),
  ),
})

describe('an answer of 2xx is signed', () => {
  it('by the public key in mode pubkey, whatever the request names', async () => {
    const { jsonShop, merchant } = await openBench()
    const answer = await jsonShop.create({}, { headers: { 'Wechatpay-Serial': merchant.platform.serial } })
    expect(serialOf(answer)).toBe(merchant.platform.publicKeyId)
    expect(fits(answer, merchant.platform.publicKey)).toBe(true)
    expect(answer.headers.get('wechatpay-signature-type')).toBe('WECHATPAY2-SHA256-RSA2048')
  })

  it('by the newest certificate in mode cert, even when the request names the public key', async () => {
    const { jsonShop, merchant, control } = await openBench()
    await control.signing({ mode: 'cert' })
    const answer = await jsonShop.create({}, { headers: { 'Wechatpay-Serial': merchant.platform.publicKeyId } })
    expect(serialOf(answer)).toBe(merchant.platform.serial)
    expect(fits(answer, merchant.platform.certificate)).toBe(true)
    await control.rotate()
    const [after] = await control.merchants()
    expect(after?.platform.serial).not.toBe(merchant.platform.serial)
    expect(serialOf(await jsonShop.create())).toBe(after?.platform.serial)
  })

  it('by the key that the request names in mode mixed, else by the certificate', async () => {
    const { jsonShop, merchant, control } = await openBench()
    await control.signing({ mode: 'mixed' })
    expect(serialOf(await jsonShop.create())).toBe(merchant.platform.serial)
    const named = await jsonShop.create({}, { headers: { 'Wechatpay-Serial': merchant.platform.publicKeyId } })
    expect(serialOf(named)).toBe(merchant.platform.publicKeyId)
    expect(fits(named, merchant.platform.publicKey)).toBe(true)
  })
})

describe('GET /v3/certificates', () => {
  it.each([404, 403] as const)('has none for a merchant with the public key only: %i', async (noCertificatesStatus) => {
    const { jsonShop } = await openBench({ switches: { noCertificatesStatus } })
    const { status, body } = await jsonShop.certificates()
    expect({ status, body }).toEqual({
      status: noCertificatesStatus,
      body: { code: 'RESOURCE_NOT_EXISTS', message: expect.stringContaining('https://pay.weixin.qq.com/doc/v3/merchant/4012153196') },
    })
  })

  it.each(['cert', 'mixed'])('lists one in mode %s, and two while it is replaced; each opens with the APIv3 key', async (mode) => {
    const { jsonShop, merchant, control } = await openBench()
    await control.signing({ mode })
    const list = async () => Certificates.parse((await jsonShop.certificates()).body).data
    expect(await list()).toHaveLength(1)
    await control.rotate()
    const both = await list()
    expect(both.map(({ serial_no }) => serial_no)).toEqual([merchant.platform.serial, (await control.merchants())[0]?.platform.serial])
    for (const item of both) {
      const certificate = new X509Certificate(openResource(merchant.apiV3Key, item.encrypt_certificate))
      expect(certificate.serialNumber).toBe(item.serial_no)
      expect(Date.parse(certificate.validTo)).toBe(Date.parse(item.expire_time))
    }
    expect(fits(await jsonShop.certificates(), (await control.merchants())[0]?.platform.certificate ?? '')).toBe(true)
  })

  it.each([
    ['RSA', 200],
    ['ALL', 200],
    ['SM2', 404],
    ['MD5', 400],
  ])('algorithm_type %s: %i', async (type, status) => {
    const { jsonShop, control } = await openBench()
    await control.signing({ mode: 'cert' })
    expect(await jsonShop.send('GET', `/v3/certificates?algorithm_type=${type}`)).toMatchObject({ status })
  })
})
