import { list, origin, pattern } from '../support/settingRules.ts'
import type { SettingRule, SettingsReader } from '../support/settingsReader.ts'

/** An appid with its AppSecret. */
export interface AccountKeys {
  readonly appId: string
  readonly secret: string
}

/** What the merchant's accounts at WeChat allow; each part exists only when its settings do. */
export interface WechatAccountsConfig {
  /** Web authorisation, logins, tokens. */
  readonly apiUrl: string
  /** Where a payer's browser is sent for web authorisation. */
  readonly openUrl: string
  /** The official account behind WXPAY_APP_ID. Not null: payers inside WeChat are known by their openid, so they can pay by JSAPI. */
  readonly officialAccount: AccountKeys | null
  /** Where WeChat pushes what happens in the chat; with an aesKey everything has to come encrypted. */
  readonly messages: { readonly appId: string; readonly token: string; readonly aesKey: string | null } | null
  readonly miniProgram: AccountKeys | null
  /** The 16 characters of each MP_verify_….txt: WeChat asks for them before it takes a domain. */
  readonly domainProofs: readonly string[]
}

const secret = pattern(/^[0-9A-Za-z]{32}$/, 'must be the AppSecret, 32 letters and digits')

/** @param appId - WXPAY_APP_ID: web authorisation and payment have to be of one appid */
export function readWechatAccounts(read: SettingsReader, appId: string): WechatAccountsConfig {
  const ownSecret = read.optionalSecret('WECHAT_OA_SECRET', secret)
  return {
    apiUrl: read.optional('WECHAT_API_URL', origin, 'https://api.weixin.qq.com'),
    openUrl: read.optional('WECHAT_OPEN_URL', origin, 'https://open.weixin.qq.com'),
    officialAccount: ownSecret === null ? null : { appId, secret: ownSecret },
    messages: readMessages(read, appId),
    miniProgram: readMiniProgram(read, appId),
    domainProofs: read.optional('WECHAT_OA_VERIFY', domainProofs, []),
  }
}

function readMessages(read: SettingsReader, appId: string): WechatAccountsConfig['messages'] {
  const token = read.optionalSecret('WECHAT_OA_TOKEN', pattern(/^[A-Za-z0-9]{3,32}$/, 'must be the Token, 3 to 32 letters and digits'))
  const aesKey = read.optionalSecret('WECHAT_OA_AES_KEY', pattern(/^[A-Za-z0-9]{43}$/, 'must be the EncodingAESKey, 43 letters and digits'))
  if (!read.isSet('WECHAT_OA_TOKEN') && read.isSet('WECHAT_OA_AES_KEY'))
    read.problem('WECHAT_OA_TOKEN', 'is missing: WECHAT_OA_AES_KEY is for messages, and those are signed with the token')
  return token === null ? null : { appId, token, aesKey }
}

/** Both or neither. */
function readMiniProgram(read: SettingsReader, officialAppId: string): AccountKeys | null {
  if (!read.isSet('WECHAT_MINIPROGRAM_APP_ID') && !read.isSet('WECHAT_MINIPROGRAM_SECRET')) return null
  const appIdRule = {
    must: 'must be the mini program’s appid, e.g. wx and 16 letters and digits, and another than WXPAY_APP_ID',
    parse: (value: string) => (/^[A-Za-z0-9]{1,32}$/.test(value) && value !== officialAppId ? value : undefined),
  }
  return {
    appId: read.required('WECHAT_MINIPROGRAM_APP_ID', appIdRule, ''),
    secret: read.requiredSecret('WECHAT_MINIPROGRAM_SECRET', secret),
  }
}

const proofFile = /^MP_verify_([A-Za-z0-9]{16})\.txt$/

const domainProofs: SettingRule<string[]> = {
  must: 'must be a comma list of names like MP_verify_0a1B2c3D4e5F6g7H.txt',
  parse: list((name) => proofFile.exec(name)?.[1]),
}

/** Whoever has it may do what an operator may. Of what a bearer token can be made of (RFC 6750, section 2.1): else it could be set and never work. */
export function readOperatorToken(read: SettingsReader): string | null {
  return read.optionalSecret(
    'OPERATOR_TOKEN',
    pattern(/^[\w.~+/-]{32,1000}={0,2}$/, 'must be at least 32 letters, digits or any of -._~+/, made by chance: openssl rand -hex 32'),
  )
}
