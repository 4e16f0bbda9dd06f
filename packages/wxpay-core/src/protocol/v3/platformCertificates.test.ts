import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../testing/errorOf.ts'
import {
  certificatesOf,
  lowerCase,
  newCertificate,
  oldCertificate,
  probeOf,
  publicKey,
  signatureOf,
  v3,
  vectorsNow,
  wechatPublicKey,
} from '../../testing/v3.ts'
import type { Incoming } from '../send.ts'
import { createCipher } from './cipher.ts'
import { createDownload, NoPlatformCertificatesError } from './platformCertificates.ts'

const { platform_cert_old: old, platform_cert_new: fresh, merchant, apiv3_key, wechatpay_public_key } = v3.keys

/** A curve's key; self-signed, its private key was never kept. */
const ellipticCertificate = {
  serial_no: '5A00000000000000000000000000000000000001',
  certificate_pem: `-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIUWgAAAAAAAAAAAAAAAAAAAAAAAAEwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIZWxsaXB0aWMwIBcNMjYxMTIxMDc0MDEwWhgPMjEyNjEwMjgw
NzQwMTBaMBMxETAPBgNVBAMMCGVsbGlwdGljMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAExTKi04ljZH2Hz2F+o0mY3l2kpMaYXvgu6xJfEemZeqSLnf2lqWDnqroV
3T6fLhs+PygGotfQ5jjFZM+Gla9CQaNTMFEwHQYDVR0OBBYEFK1CUczpGVZy7rRn
cblAUjYuqQxtMB8GA1UdIwQYMBaAFK1CUczpGVZy7rRncblAUjYuqQxtMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgXXGqpRAfy6q3sGNiKOSlY9rJ
us0ZVmM486yZJS+NNt8CIFAsqoiPwpmEsMqqIzCYAy3Odfw85SRQAj/Vo3xFelJX
-----END CERTIFICATE-----`,
}
const knowsNothing = () => undefined
const knowsPublicKey = (serial: string): KeyObject | undefined => (serial === wechatpay_public_key.id ? wechatPublicKey : undefined)

function download(answers: Incoming[], { key = apiv3_key, nowMs = vectorsNow } = {}) {
  const asked: string[] = []
  const get = createDownload({
    exchange: ({ method, path }) => {
      const answer = answers[Math.min(asked.push(`${method} ${path}`), answers.length) - 1]
      return answer ? Promise.resolve(answer) : Promise.reject(new Error('no answer'))
    },
    cipher: createCipher(key),
    deadline: () => new AbortController().signal,
    now: () => nowMs,
  })
  return { get, asked }
}

function answer(body: unknown, headers?: IncomingHttpHeaders): Incoming {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status: 200, headers: headers ?? signatureOf(text, { key: newCertificate }), body: Buffer.from(text) }
}

describe('the list of platform certificates', () => {
  it('of the vector is verified with what it brings', async () => {
    const vector = v3.response_verification.find(({ name }) => name === 'certificates_200')
    if (!vector) throw new Error('no vector')
    const nowMs = Number(vector.headers['Wechatpay-Timestamp']) * 1000
    const { get, asked } = download([answer(vector.body, lowerCase(vector.headers))], { nowMs })
    const certificates = await get(knowsNothing)
    expect([...certificates.keys()]).toEqual([old.serial_no, fresh.serial_no])
    expect(certificates.get(old.serial_no)?.expiresAtMs).toBe(Date.UTC(2029, 11, 31))
    expect(asked).toEqual(['GET /v3/certificates'])
  })

  it('is verified with a key that is known, when that one signed it', async () => {
    const text = JSON.stringify(certificatesOf(fresh))
    const { get } = download([answer(text, signatureOf(text, { key: publicKey }))])
    expect([...(await get(knowsPublicKey)).keys()]).toEqual([fresh.serial_no])
  })

  it('R8 that was probed is asked for once more', async () => {
    const text = JSON.stringify(certificatesOf(fresh))
    const probe = answer(text, { ...probeOf(text), 'wechatpay-serial': fresh.serial_no })
    const { get, asked } = download([probe, answer(text)])
    expect((await get(knowsNothing)).size).toBe(1)
    expect(asked).toHaveLength(2)
    expect(await errorOf(download([probe]).get(knowsNothing))).toMatchObject({ problem: 'probe' })
  })

  it.each([
    [404, 'RESOURCE_NOT_EXISTS'],
    [403, 'RESOURCE_NOT_EXISTS'],
  ])('that WeChat does not have for this merchant (%i %s) has an error of its own', async (status, code) => {
    const body = Buffer.from(JSON.stringify({ code, message: '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。' }))
    expect(await errorOf(download([{ status, headers: {}, body }]).get(knowsNothing))).toBeInstanceOf(NoPlatformCertificatesError)
  })

  it.each([401, 404, 429, 500, 202])('that did not come (%i) is an error that may pass', async (status) => {
    const thrown = await errorOf(download([{ status, headers: {}, body: Buffer.from('') }]).get(knowsNothing))
    expect(thrown).toBeInstanceOf(Error)
    expect(thrown).not.toBeInstanceOf(NoPlatformCertificatesError)
  })

  const text = JSON.stringify(certificatesOf(fresh))
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const changed = (change: object) => {
    const [entry] = certificatesOf(fresh).data
    return { data: [{ ...entry, ...change }] }
  }
  it.each<[string, Incoming]>([
    ['is not signed', answer(text, {})],
    ['is signed with a key that it does not bring', answer(text, signatureOf(text, { key: oldCertificate }))],
    ['is signed with the wrong key', answer(text, { ...signatureOf(text, { key: oldCertificate }), 'wechatpay-serial': fresh.serial_no })],
    ['was changed', answer(`${text} `, signatureOf(text, { key: newCertificate }))],
    ['is stale', answer(text, signatureOf(text, { key: newCertificate, nowMs: vectorsNow - 300_000 }))],
    ['is empty', answer({ data: [] })],
    ['is missing', answer({})],
    ['is no list', answer({ data: { 0: 1 } })],
    ['is a list of texts', answer({ data: ['x'] })],
    ['is not JSON', answer('<html>')],
    [
      'has an entry of another algorithm',
      answer(changed({ encrypt_certificate: { ...certificatesOf(fresh).data[0]?.encrypt_certificate, algorithm: 'AEAD_SM4_GCM' } })),
    ],
    ['has an entry without a ciphertext', answer(changed({ encrypt_certificate: {} }))],
    ['was signed as text under 202', { ...answer(text), status: 202 }],
    ['has a public key for a certificate', answer(certificatesOf({ ...fresh, certificate_pem: elliptic }))],
    ['has a certificate beside the good one whose key is not RSA', answer(certificatesOf(fresh, ellipticCertificate))],
    ['has one bad entry beside a good one', answer({ data: [...certificatesOf(fresh).data, 'x'] })],
  ])('is not taken when it %s', async (_name, incoming) => {
    expect(await errorOf(download([incoming]).get(knowsNothing))).toBeInstanceOf(Error)
  })

  it('is not taken when it gives a certificate another serial than its own', async () => {
    const misnamed = JSON.stringify(certificatesOf({ ...fresh, serial_no: old.serial_no }))
    const signed = signatureOf(misnamed, { key: { ...newCertificate, serial: old.serial_no } })
    expect(await errorOf(download([answer(misnamed, signed)]).get(knowsNothing))).toMatchObject({
      message: expect.stringContaining('serial_no'),
    })
  })

  it('is not taken when it was encrypted with another API v3 key', async () => {
    expect(await errorOf(download([answer(text)], { key: 'x'.repeat(32) }).get(knowsNothing))).toMatchObject({ name: 'UndecryptableError' })
  })

  it('R5 signed with a certificate that somebody else brought is not taken: the API v3 key vouches for what it brings', async () => {
    const foreign = JSON.stringify({
      data: certificatesOf({ serial_no: merchant.serial_no, certificate_pem: merchant.certificate_pem }).data.map((entry) => ({
        ...entry,
        encrypt_certificate: { ...entry.encrypt_certificate, ciphertext: Buffer.from(merchant.certificate_pem).toString('base64') },
      })),
    })
    expect(await errorOf(download([answer(foreign)]).get(knowsNothing))).toMatchObject({ name: 'UndecryptableError' })
  })
})
