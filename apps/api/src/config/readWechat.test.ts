import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { BadSettingsError, loadConfig, type WechatConfig } from '../config.ts'
import { newCertificate, newKeyPair } from '../testing/throwAwayKeys.ts'
import { clientCertificate } from './readCertificate.ts'

type Settings = Record<string, string | undefined>

const v2Key = '0123456789abcdef0123456789ABCDEF'
const v3Key = 'ABCDEF9876543210abcdef9876543210'
const merchant = newKeyPair()
const certificate = newCertificate(merchant)
const stranger = newKeyPair()
const wechat = newKeyPair()

const shop = { WXPAY_APP_ID: 'wxd930ea5d5a258f4f', WXPAY_MCH_ID: '1900000109', SHOP_NAME: '青禾书店' }
const v2 = { WXPAY_V2_KEY: v2Key }
const v3 = { WXPAY_V3_KEY: v3Key, WXPAY_MERCHANT_PRIVATE_KEY: merchant.privatePem, WXPAY_MERCHANT_SERIAL: certificate.serial }
const publicKey = { WXPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_0119000001092025010100389200000001', WXPAY_PUBLIC_KEY: wechat.publicPem }

const load = (settings: Settings): WechatConfig => loadConfig({ ...shop, ...settings }).wechat

/** "NAME must be …" of each bad setting. */
function problemsOf(settings: Settings): string[] {
  try {
    load(settings)
  } catch (error) {
    if (error instanceof BadSettingsError) return error.problems.map(({ name, message }) => `${name} ${message}`)
    throw error
  }
  return []
}

const namesOf = (settings: Settings) => problemsOf(settings).map((problem) => problem.split(' ')[0])

const directory = mkdtempSync(join(tmpdir(), 'wxpay-config-'))
afterAll(() => rmSync(directory, { recursive: true }))

function fileWith(text: string): string {
  const path = join(directory, `${Math.random()}`)
  writeFileSync(path, text)
  return path
}

describe('the protocol', () => {
  it.each([
    { what: 'v3 when its keys are there', settings: v3, protocol: 'v3' },
    { what: 'v3 when the keys of both are there', settings: { ...v2, ...v3 }, protocol: 'v3' },
    { what: 'v2 when only its key is there', settings: v2, protocol: 'v2' },
    { what: 'v2 when told so', settings: { ...v2, ...v3, WXPAY_PROTOCOL: 'v2' }, protocol: 'v2' },
  ])('is $what', ({ settings, protocol }) => {
    expect(load(settings).protocol).toBe(protocol)
  })

  it('keeps the keys of the other one, for payments that were made with it', () => {
    const both = { ...v2, ...v3 }
    expect(load({ ...both, WXPAY_PROTOCOL: 'v2' }).v3).toMatchObject({ key: v3Key })
    expect(load({ ...both, WXPAY_PROTOCOL: 'v3' }).v2).toEqual({ key: v2Key, signType: 'HMAC-SHA256' })
    expect(load(v2).v3).toBeNull()
    expect(load(v3).v2).toBeNull()
  })

  it('names all keys of v3 when none is there and v3 was asked for', () => {
    const names = ['WXPAY_V3_KEY', 'WXPAY_MERCHANT_PRIVATE_KEY', 'WXPAY_MERCHANT_SERIAL']
    expect(namesOf({ WXPAY_PROTOCOL: 'v3' })).toEqual(names)
    expect(namesOf({ ...v2, WXPAY_PROTOCOL: 'v3' })).toEqual(names)
  })

  it('names the key of v2 when there is no key at all, and what else would do', () => {
    expect(namesOf({})).toEqual(['WXPAY_V2_KEY'])
    expect(problemsOf({})[0]).toContain('or set the keys of APIv3: WXPAY_V3_KEY, WXPAY_MERCHANT_PRIVATE_KEY')
    expect(problemsOf({ WXPAY_PROTOCOL: 'v2' })[0]).not.toContain('APIv3')
  })

  it.each([
    ['WXPAY_V3_KEY', ['WXPAY_MERCHANT_PRIVATE_KEY', 'WXPAY_MERCHANT_SERIAL']],
    ['WXPAY_MERCHANT_SERIAL', ['WXPAY_V3_KEY', 'WXPAY_MERCHANT_PRIVATE_KEY']],
  ] as const)('with %s alone, names every key of v3 that is missing, whatever is spoken', (name, missing) => {
    for (const rest of [{}, v2, { ...v2, WXPAY_PROTOCOL: 'v2' }]) expect(namesOf({ ...rest, [name]: v3[name] })).toEqual(missing)
  })
})

describe('the keys of v3', () => {
  it('are read, with the serial in capitals', () => {
    expect(load({ ...v3, ...publicKey, WXPAY_MERCHANT_SERIAL: certificate.serial.toLowerCase() }).v3).toEqual({
      key: v3Key,
      merchantPrivateKey: merchant.privatePem,
      merchantSerial: certificate.serial,
      merchantCertificate: null,
      publicKey: { id: publicKey.WXPAY_PUBLIC_KEY_ID, pem: wechat.publicPem },
    })
  })

  it('need no serial beside the certificate, which has it', () => {
    const { v3: read } = load({ ...v3, WXPAY_MERCHANT_SERIAL: undefined, WXPAY_MERCHANT_CERTIFICATE: certificate.pem })
    expect(read).toMatchObject({ merchantSerial: certificate.serial, merchantCertificate: certificate.pem })
  })

  it('write that serial as WeChat does, with its zeros', () => {
    const { pem, serial } = newCertificate(merchant, 18)
    expect(serial).toMatch(/^00005A[0-9A-F]{34}$/)
    expect(load({ ...v3, WXPAY_MERCHANT_SERIAL: serial, WXPAY_MERCHANT_CERTIFICATE: pem }).v3).toMatchObject({ merchantSerial: serial })
    expect(load({ ...v3, WXPAY_MERCHANT_SERIAL: undefined, WXPAY_MERCHANT_CERTIFICATE: pem }).v3).toMatchObject({ merchantSerial: serial })
  })

  it('may each come from a file', () => {
    const settings = { ...v3, ...publicKey, WXPAY_MERCHANT_CERTIFICATE: certificate.pem }
    const files = Object.fromEntries(Object.entries(settings).map(([name, text]) => [`${name}_FILE`, fileWith(text)]))
    expect(load(files)).toMatchObject({ protocol: 'v3', v3: { merchantSerial: certificate.serial } })
  })

  it('may have their lines joined by \\n, as one line of a file of settings', () => {
    const joined = merchant.privatePem.replaceAll('\n', '\\n')
    expect(load({ ...v3, WXPAY_MERCHANT_PRIVATE_KEY: joined }).v3?.merchantPrivateKey).toBe(merchant.privatePem)
  })

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  it.each<[string, string, string, string]>([
    ['WXPAY_V3_KEY', 'too short', v3Key.slice(1), 'must be the APIv3 key, exactly 32 ASCII characters'],
    ['WXPAY_V3_KEY', 'not ASCII', `é${v3Key.slice(1)}`, 'must be the APIv3 key, exactly 32 ASCII characters'],
    ['WXPAY_MERCHANT_SERIAL', 'too short', certificate.serial.slice(1), 'must be the serial'],
    ['WXPAY_MERCHANT_PRIVATE_KEY', 'no PEM', 'secret-value', 'apiclient_key.pem'],
    ['WXPAY_MERCHANT_PRIVATE_KEY', 'a broken PEM', merchant.privatePem.replace('M', ''), 'apiclient_key.pem'],
    ['WXPAY_MERCHANT_PRIVATE_KEY', 'a certificate', certificate.pem, 'not a certificate'],
    ['WXPAY_MERCHANT_PRIVATE_KEY', 'a public key', merchant.publicPem, 'not a public key'],
    ['WXPAY_MERCHANT_PRIVATE_KEY', 'too small', newKeyPair(1024).privatePem, '2048'],
    [
      'WXPAY_MERCHANT_PRIVATE_KEY',
      'of another kind',
      ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'must be an RSA key',
    ],
    ['WXPAY_MERCHANT_CERTIFICATE', 'a private key', merchant.privatePem, 'not a private key'],
    ['WXPAY_MERCHANT_CERTIFICATE', 'of another key', newCertificate(stranger).pem, 'do not fit together'],
    ['WXPAY_PUBLIC_KEY', 'a certificate', certificate.pem, 'not a certificate'],
    ['WXPAY_PUBLIC_KEY', 'a private key', wechat.privatePem, 'not a private key'],
    ['WXPAY_PUBLIC_KEY', 'the merchant’s own', merchant.publicPem, 'not the public half of WXPAY_MERCHANT_PRIVATE_KEY'],
    ['WXPAY_PUBLIC_KEY', 'too small', newKeyPair(1024).publicPem, '2048'],
    ['WXPAY_PUBLIC_KEY_ID', 'a serial', certificate.serial, 'PUB_KEY_ID_ and digits'],
    ['WXPAY_PUBLIC_KEY_ID', 'with letters', 'PUB_KEY_ID_0x1', 'PUB_KEY_ID_ and digits'],
  ])('refuse a %s that is %s, and say what it must be without printing it', (name, _what, value, sentence) => {
    const needed = name.startsWith('WXPAY_PUBLIC_KEY') ? publicKey : {}
    const serial = name === 'WXPAY_MERCHANT_CERTIFICATE' ? { WXPAY_MERCHANT_SERIAL: undefined } : {}
    const problems = problemsOf({ ...v3, ...needed, ...serial, [name]: value })
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} must be `))])
    expect(problems[0]).toContain(sentence)
    expect(problems[0]).not.toContain(value.split('\n')[1] ?? value)
  })

  it('refuse a serial that is not the certificate’s', () => {
    const settings = { ...v3, WXPAY_MERCHANT_CERTIFICATE: certificate.pem, WXPAY_MERCHANT_SERIAL: '0'.repeat(40) }
    expect(problemsOf(settings)).toEqual([
      expect.stringContaining('WXPAY_MERCHANT_SERIAL must be the serial of WXPAY_MERCHANT_CERTIFICATE'),
    ])
  })

  it.each([
    ['WXPAY_PUBLIC_KEY', 'WXPAY_PUBLIC_KEY_ID'],
    ['WXPAY_PUBLIC_KEY_ID', 'WXPAY_PUBLIC_KEY'],
  ] as const)('want with %s also %s', (given, missing) => {
    expect(namesOf({ ...v3, [given]: publicKey[given] })).toEqual([missing])
  })
})

const coreFixture = (name: string) => fileURLToPath(new URL(`../../../../packages/wxpay-core/fixtures/tls/${name}`, import.meta.url))

describe('the certificate that v2 shows at refunds', () => {
  const pair = { WXPAY_MERCHANT_PRIVATE_KEY: merchant.privatePem, WXPAY_MERCHANT_CERTIFICATE: certificate.pem }
  const p12File = coreFixture('merchant.p12')
  const p12Shop = { ...v2, WXPAY_MCH_ID: '1900006042' }

  it('is the merchant’s, and does not make v3 of a shop of v2', () => {
    const read = load({ ...v2, ...pair })
    expect(read).toMatchObject({ protocol: 'v2', v3: null, certificate: { key: merchant.privatePem, cert: certificate.pem } })
    expect(clientCertificate(read)).toEqual({ certificate: { key: merchant.privatePem, cert: certificate.pem } })
  })

  it('is v3’s own where both are spoken, and not there where v3 has its serial only', () => {
    expect(load({ ...v2, ...v3, WXPAY_MERCHANT_SERIAL: undefined, ...pair }).certificate).toEqual({
      key: merchant.privatePem,
      cert: certificate.pem,
    })
    expect(load({ ...v2, ...v3 }).certificate).toBeNull()
    expect(load(v2).certificate).toBeNull()
  })

  it('may be PKCS#12, as a file or in base64', () => {
    const base64 = readFileSync(p12File, 'base64')
    for (const settings of [{ WXPAY_MERCHANT_P12_FILE: p12File }, { WXPAY_MERCHANT_P12: base64 }]) {
      const read = load({ ...p12Shop, ...settings })
      expect(read).toMatchObject({ protocol: 'v2', v3: null })
      expect(clientCertificate(read)).toEqual({ certificate: { pfx: readFileSync(p12File), passphrase: '1900006042' } })
    }
  })

  it('stands beside the keys of v3 that have a serial only', () => {
    expect(load({ ...p12Shop, ...v3, WXPAY_MERCHANT_P12_FILE: p12File })).toMatchObject({
      protocol: 'v3',
      certificate: { p12: expect.any(String) },
    })
  })

  it.each<[string, Settings, string, RegExp]>([
    ['the key alone', { ...v2, WXPAY_MERCHANT_PRIVATE_KEY: merchant.privatePem }, 'WXPAY_MERCHANT_CERTIFICATE', /^is missing/],
    ['the certificate alone', { ...v2, WXPAY_MERCHANT_CERTIFICATE: certificate.pem }, 'WXPAY_MERCHANT_PRIVATE_KEY', /^is missing/],
    [
      'a certificate of another key',
      { ...v2, ...pair, WXPAY_MERCHANT_CERTIFICATE: newCertificate(stranger).pem },
      'WXPAY_MERCHANT_CERTIFICATE',
      /do not fit together/,
    ],
    [
      'a PKCS#12 of another merchant',
      { ...v2, WXPAY_MERCHANT_P12_FILE: p12File },
      'WXPAY_MERCHANT_P12',
      /password is the merchant’s number/,
    ],
    ['a PKCS#12 of old', { ...p12Shop, WXPAY_MERCHANT_P12_FILE: coreFixture('merchant-rc2-40.p12') }, 'WXPAY_MERCHANT_P12', /OpenSSL 3/],
    ['a PKCS#12 that is PEM', { ...p12Shop, WXPAY_MERCHANT_P12: certificate.pem }, 'WXPAY_MERCHANT_P12', /in base64/],
    ['no file', { ...p12Shop, WXPAY_MERCHANT_P12_FILE: '/nowhere' }, 'WXPAY_MERCHANT_P12_FILE', /ENOENT/],
    [
      'both forms',
      { ...v2, ...pair, WXPAY_MCH_ID: '1900006042', WXPAY_MERCHANT_P12_FILE: p12File },
      'WXPAY_MERCHANT_P12',
      /keep one of them/,
    ],
    ['a CA that is none', { ...v2, WXPAY_API_CA: merchant.publicPem }, 'WXPAY_API_CA', /certificate of a CA/],
    ['an address without TLS', { ...v2, WXPAY_CERT_API_URL: 'http://pay.example.com' }, 'WXPAY_CERT_API_URL', /https/],
  ])('is refused with %s', (_case, settings, name, sentence) => {
    const problems = problemsOf(settings)
    expect(problems).toHaveLength(1)
    const [problem = ''] = problems
    expect(problem.split(' ')[0]).toBe(name)
    expect(problem.slice(name.length + 1)).toMatch(sentence)
  })

  it('is named with everything else that is wrong', () => {
    const bad = {
      WXPAY_V2_KEY: 'x',
      WXPAY_MERCHANT_PRIVATE_KEY: 'x',
      WXPAY_MERCHANT_CERTIFICATE: 'x',
      WXPAY_MERCHANT_P12: '!',
      WXPAY_API_CA: 'x',
    }
    expect(namesOf({ ...bad, WXPAY_CERT_API_URL: 'x' })).toEqual([
      'WXPAY_CERT_API_URL',
      'WXPAY_API_CA',
      'WXPAY_V2_KEY',
      'WXPAY_MERCHANT_P12',
      'WXPAY_MERCHANT_PRIVATE_KEY',
      'WXPAY_MERCHANT_CERTIFICATE',
      'WXPAY_MERCHANT_P12',
    ])
  })

  it('goes to an address of its own when told so, and a CA may be added', () => {
    const ca = readFileSync(coreFixture('ca.pem'), 'utf8')
    const read = load({ ...v2, ...pair, WXPAY_CERT_API_URL: 'https://127.0.0.1:3002', WXPAY_API_CA_FILE: coreFixture('ca.pem') })
    expect(read.apiCa).toBe(ca.trimEnd())
    expect(clientCertificate(read)).toMatchObject({ certApiUrl: 'https://127.0.0.1:3002' })
  })
})
