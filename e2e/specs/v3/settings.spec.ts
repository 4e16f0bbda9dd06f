import { generateKeyPairSync } from 'node:crypto'
import { runCommand } from '../../support/servers/command.ts'
import { expect, test } from '../../support/test.ts'

/** EX_CONFIG of sysexits.h: starting again will not help. */
const badSettings = 78

test('in v3, keys and certificates in each other’s place stop the start: each setting is named with what it should look like, and no key is told', async ({
  shop: { apiEnv, merchant },
}) => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024, privateKeyEncoding, publicKeyEncoding })
  const wrong: { settings: Record<string, string>; says: Record<string, string> }[] = [
    {
      settings: {
        WXPAY_V3_KEY: 'k'.repeat(16),
        WXPAY_MERCHANT_PRIVATE_KEY: merchant.certificate,
        WXPAY_MERCHANT_CERTIFICATE: merchant.publicKey,
        WXPAY_PUBLIC_KEY_ID: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
        WXPAY_PUBLIC_KEY: merchant.certificate,
      },
      says: {
        WXPAY_V3_KEY: 'exactly 32',
        WXPAY_MERCHANT_PRIVATE_KEY: 'not a certificate',
        WXPAY_MERCHANT_CERTIFICATE: 'apiclient_cert.pem',
        WXPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_',
        WXPAY_PUBLIC_KEY: 'pub_key.pem',
      },
    },
    {
      settings: {
        WXPAY_MERCHANT_PRIVATE_KEY: small.privateKey,
        WXPAY_MERCHANT_CERTIFICATE: '',
        WXPAY_PUBLIC_KEY_ID: '',
        WXPAY_PUBLIC_KEY: merchant.privateKey,
      },
      says: {
        WXPAY_MERCHANT_PRIVATE_KEY: 'at least 2048 bits',
        WXPAY_MERCHANT_SERIAL: 'is missing',
        WXPAY_PUBLIC_KEY_ID: 'is missing',
        WXPAY_PUBLIC_KEY: 'not a private key',
      },
    },
    { settings: { WXPAY_MERCHANT_PRIVATE_KEY: 'not a key' }, says: { WXPAY_MERCHANT_PRIVATE_KEY: 'apiclient_key.pem' } },
  ]
  for (const { settings, says } of wrong) {
    const { code, output } = await runCommand('apps/api/src/main.ts', [], { ...apiEnv, ...settings })
    expect(code).toBe(badSettings)
    const named = new Map([...output.matchAll(/^ {2}(\w+) (.*)$/gm)].map(([, name = '', sentence = '']) => [name, sentence]))
    expect([...named.keys()].toSorted()).toEqual(Object.keys(says).toSorted())
    for (const [name, words] of Object.entries(says)) expect(named.get(name)).toContain(words)
    for (const secret of [merchant.apiV3Key, ...merchant.privateKey.split('\n').slice(1, 3)]) expect(output).not.toContain(secret)
  }
})

const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const
const publicKeyEncoding = { type: 'spki', format: 'pem' } as const
