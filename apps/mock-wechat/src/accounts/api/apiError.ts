import { hex, randomText } from '../../support/random.ts'

/**
 * WeChat's words. Those of 40002, 40097, 41004, 41009, 42001 … are from its table of return codes; only the number counts for a client.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Getting_Started/Global_Return_Code.html
 */
const texts = {
  40001:
    'invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40013: 'invalid appid',
  40014: 'invalid access_token',
  40029: 'invalid code',
  40030: 'invalid refresh_token',
  40066: 'invalid url',
  40097: 'invalid args',
  40125: 'invalid appsecret',
  40163: 'code been used',
  40164: 'invalid ip, not in whitelist',
  40226: 'code blocked',
  41001: 'access_token missing',
  41002: 'appid missing',
  41003: 'refresh_token missing',
  41004: 'appsecret missing',
  41008: 'missing code',
  41009: 'missing openid',
  42001: 'access_token expired',
  42002: 'refresh_token expired',
  42003: 'code expired',
  43001: 'require GET method',
  43002: 'require POST method',
  44002: 'empty post data',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit mustslower retry next minute',
  47001: 'data format error',
  48001: 'api unauthorized',
} as const
export type Errcode = keyof typeof texts

/** A call that WeChat refuses: HTTP 200 with `errcode`. `reason` is for this machine only. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly errcode: Errcode
  readonly reason: string

  constructor(errcode: Errcode, reason: string, errmsg: string = texts[errcode]) {
    super(errmsg)
    this.errcode = errcode
    this.reason = reason
  }
}

/** The number that support asks for: three groups of eight hexadecimal digits, the first of them the time. @param now - milliseconds */
export function newRid(now: number): string {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')
  return `${seconds}-${randomText(hex, 8)}-${randomText(hex, 8)}`
}
