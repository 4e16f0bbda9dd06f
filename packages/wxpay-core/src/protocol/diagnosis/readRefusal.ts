import { z } from 'zod'
import type { Answered } from './exchange.ts'

/** WeChat's unsigned no. */
export interface V3Refusal {
  code: string
  message: string
  /** What WeChat's server says it has verified our signature over; only when it did not fit. */
  seen: { text: string; length: number | undefined } | undefined
}

const SignInformation = z.object({ sign_message_length: z.number().optional(), truncated_sign_message: z.string() })
const Detail = z.object({ sign_information: SignInformation })
const Refusal = z.object({ code: z.string(), message: z.string(), detail: z.unknown().optional() })

/** undefined: not WeChat's form. Everything but code and message is optional, whatever stands there. */
export function readRefusal({ body }: Answered): V3Refusal | undefined {
  const refusal = Refusal.safeParse(parseJson(body))
  if (!refusal.success) return undefined
  const { code, message, detail } = refusal.data
  const information = Detail.safeParse(detail).data?.sign_information
  return { code, message, seen: information && { text: information.truncated_sign_message, length: information.sign_message_length } }
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

interface Hint {
  words: RegExp
  what: string
  advice: string
}

const renewed =
  'Take key and certificate that are in use now ("账户中心", "API安全", "商户API证书"), and set private key and serial together.'

/** WeChat's words for a 401, all with the code SIGN_ERROR. @see https://pay.weixin.qq.com/doc/v3/merchant/4012365336 */
const hints: readonly Hint[] = [
  {
    words: /timestamp|5分钟/i,
    what: 'the clock is wrong',
    advice: 'Set the clock of this machine: WeChat takes 5 minutes of difference, no more.',
  },
  {
    words: /序列号/,
    what: 'wrong serial',
    advice: 'Set the "证书序列号" of the certificate that belongs to the private key: openssl x509 -in apiclient_cert.pem -noout -serial',
  },
  { words: /已过期|已作废|已更换/, what: 'the certificate is no longer valid', advice: renewed },
  { words: /未申请过证书/, what: 'this merchant has no API certificate', advice: renewed },
  {
    words: /未设置APIv3/i,
    what: 'this merchant has no APIv3 key',
    advice: 'Set the "APIv3密钥" in the merchant platform ("账户中心", "API安全").',
  },
  {
    words: /Authorization|认证类型|签名信息错误/i,
    what: 'the Authorization header did not arrive as it was sent',
    advice: 'A proxy on the way drops or changes the Authorization header: let api.mch.weixin.qq.com be reached directly.',
  },
]

export const hintFor = (message: string): Hint | undefined => hints.find(({ words }) => words.test(message))
