import type { Protocol } from '../support/options.ts'
import { runCommand } from '../support/servers/command.ts'
import { expect, test } from '../support/test.ts'

/** EX_CONFIG of sysexits.h: starting again will not help. */
const badSettings = 78

const start = (env: Record<string, string>) => runCommand('apps/api/src/main.ts', [], env)

const keys: Record<Protocol, string[]> = {
  v2: ['WXPAY_V2_KEY'],
  v3: ['WXPAY_V3_KEY', 'WXPAY_MERCHANT_PRIVATE_KEY', 'WXPAY_MERCHANT_SERIAL'],
}

test('without settings the start stops and names every one that is missing', async ({ protocol }) => {
  const { code, output } = await start({ WXPAY_PROTOCOL: protocol })
  expect(code).toBe(badSettings)
  for (const name of ['WXPAY_APP_ID', 'WXPAY_MCH_ID', 'SHOP_NAME', ...keys[protocol]]) expect(output).toContain(`${name} is missing`)
})

test('settings that are wrong, contradict each other or are misspelt are all named at once, and no value is told', async ({ protocol }) => {
  const wrong = {
    PORT: 'eighty',
    PUBLIC_URL: 'shop.example/pay',
    WXPAY_MCH_ID: 'M190000',
    [protocol === 'v2' ? 'WXPAY_V2_KEY' : 'WXPAY_V3_KEY']: 'thirty-one-characters-and-a-bit',
    WXPAY_PAID_BY: 'hope',
    WXPAY_LATE_PAYMENT: 'keep',
    QR_LIFE_SECONDS: '900',
    TRADE_LIFE_SECONDS: '901',
    MAX_AMOUNT_FEN: '0.5',
    LOCALE: 'fr',
    TRUSTED_PROXIES: 'everyone',
  }
  const { code, output } = await start({ ...wrong, WXPAY_APP_ID: 'wx0123456789abcdef', SHOP_NAME: '青禾书店', WXPAY_PAID_BYE: 'notice' })
  expect(code).toBe(badSettings)
  const named = new Set([...output.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name))
  const contradiction = 'TRADE_LIFE_SECONDS' // with the life of a code, which is right by itself
  const { QR_LIFE_SECONDS: _fine, ...all } = wrong
  const expected = new Set([...Object.keys(all), 'WXPAY_PAID_BYE', ...keys[protocol]])
  expect([...named].toSorted()).toEqual([...expected].toSorted())
  expect(named).toContain(contradiction)
  for (const value of ['thirty-one', 'shop.example', 'everyone', 'M190000']) expect(output).not.toContain(value)
})
