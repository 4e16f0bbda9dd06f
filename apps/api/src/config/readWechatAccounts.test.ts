import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { BadSettingsError, loadConfig } from '../config.ts'

type Settings = Record<string, string | undefined>

const shop = {
  WXPAY_APP_ID: 'wxd930ea5d5a258f4f',
  WXPAY_MCH_ID: '1900000109',
  WXPAY_V2_KEY: '0123456789abcdef0123456789ABCDEF',
  SHOP_NAME: '青禾书店',
}
const secret = '0123456789abcdef0123456789abcdef'
const token = 'checkoutToken2026'
const aesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
const miniProgram = { WECHAT_MINIPROGRAM_APP_ID: 'wx0a1b2c3d4e5f6071', WECHAT_MINIPROGRAM_SECRET: secret }

const load = (settings: Settings) => loadConfig({ ...shop, ...settings })

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

const directory = mkdtempSync(join(tmpdir(), 'wxpay-config-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe('the accounts', () => {
  it('are none when nothing is set, and WeChat’s own servers are meant', () => {
    expect(load({})).toMatchObject({
      accounts: {
        apiUrl: 'https://api.weixin.qq.com',
        openUrl: 'https://open.weixin.qq.com',
        officialAccount: null,
        messages: null,
        miniProgram: null,
        domainProofs: [],
      },
      operatorToken: null,
    })
  })

  it('are those that the settings name; the official account is that of WXPAY_APP_ID', () => {
    const settings = {
      ...miniProgram,
      WECHAT_OA_SECRET: secret,
      WECHAT_OA_TOKEN: token,
      WECHAT_OA_AES_KEY: aesKey,
      WECHAT_OA_VERIFY: 'MP_verify_0a1B2c3D4e5F6g7H.txt, MP_verify_ABCDEFGHIJKLMNOP.txt',
      WECHAT_API_URL: 'http://127.0.0.1:3001',
      WECHAT_OPEN_URL: 'http://127.0.0.1:3001',
      OPERATOR_TOKEN: 'o'.repeat(32),
    }
    expect(load(settings)).toMatchObject({
      accounts: {
        apiUrl: 'http://127.0.0.1:3001',
        openUrl: 'http://127.0.0.1:3001',
        officialAccount: { appId: shop.WXPAY_APP_ID, secret },
        messages: { appId: shop.WXPAY_APP_ID, token, aesKey },
        miniProgram: { appId: miniProgram.WECHAT_MINIPROGRAM_APP_ID, secret },
        domainProofs: ['0a1B2c3D4e5F6g7H', 'ABCDEFGHIJKLMNOP'],
      },
      operatorToken: 'o'.repeat(32),
    })
  })

  it('may have each secret in a file', () => {
    const secrets = {
      WECHAT_OA_SECRET: secret,
      WECHAT_OA_TOKEN: token,
      WECHAT_OA_AES_KEY: aesKey,
      WECHAT_MINIPROGRAM_SECRET: secret,
      OPERATOR_TOKEN: `${'oO0-._~+/'.repeat(4)}==`,
    }
    const files = Object.entries(secrets).map(([name, value]) => {
      writeFileSync(join(directory, name), `${value}\n`)
      return [`${name}_FILE`, join(directory, name)] as const
    })
    const settings = { ...Object.fromEntries(files), WECHAT_MINIPROGRAM_APP_ID: miniProgram.WECHAT_MINIPROGRAM_APP_ID }
    expect(load(settings)).toMatchObject({
      accounts: { officialAccount: { secret }, messages: { token, aesKey }, miniProgram: { secret } },
      operatorToken: `${'oO0-._~+/'.repeat(4)}==`,
    })
  })

  it.each([
    ['WECHAT_OA_SECRET', 'too short', secret.slice(1)],
    ['WECHAT_OA_TOKEN', 'too short', 'ab'],
    ['WECHAT_OA_TOKEN', 'with a dash', 'check-out'],
    ['WECHAT_OA_AES_KEY', '42 characters long', aesKey.slice(1)],
    ['WECHAT_OA_VERIFY', 'the content instead of the name', '0a1B2c3D4e5F6g7H'],
    ['WECHAT_OA_VERIFY', 'one bad name among good ones', 'MP_verify_0a1B2c3D4e5F6g7H.txt,../MP_verify_0a1B2c3D4e5F6g7H.txt'],
    ['WECHAT_API_URL', 'plain http elsewhere', 'http://api.weixin.example'],
    ['WECHAT_OPEN_URL', 'an address with a path', 'https://open.weixin.qq.com/connect'],
    ['WECHAT_MINIPROGRAM_APP_ID', 'the official account’s', shop.WXPAY_APP_ID],
    ['WECHAT_MINIPROGRAM_SECRET', 'with other characters', `${secret.slice(1)}!`],
    ['OPERATOR_TOKEN', 'shorter than 32 bytes', 'o'.repeat(31)],
    ['OPERATOR_TOKEN', 'with a space', `${'o'.repeat(32)} o`],
    ['OPERATOR_TOKEN', 'with what no bearer token has', `${'o'.repeat(32)}!`],
  ])('refuse a %s that is %s, and do not print it', (name, _what, value) => {
    const needed = name.startsWith('WECHAT_MINIPROGRAM') ? miniProgram : { WECHAT_OA_TOKEN: token }
    const problems = problemsOf({ ...needed, [name]: value })
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} must be `))])
    expect(problems[0]).not.toContain(` ${value}`)
  })

  it.each<[Settings, string]>([
    [{ WECHAT_OA_AES_KEY: aesKey }, 'WECHAT_OA_TOKEN is missing'],
    [{ WECHAT_MINIPROGRAM_APP_ID: miniProgram.WECHAT_MINIPROGRAM_APP_ID }, 'WECHAT_MINIPROGRAM_SECRET is missing'],
    [{ WECHAT_MINIPROGRAM_SECRET: secret }, 'WECHAT_MINIPROGRAM_APP_ID is missing'],
    [{ WECHAT_OA_SECRTE: secret }, 'WECHAT_OA_SECRTE is not a setting'],
  ])('refuse %o: %s', (settings, problem) => {
    expect(problemsOf(settings)).toEqual([expect.stringContaining(problem)])
  })
})
