import type { Answered } from './exchange.ts'
import { fault, warning, type Finding } from './finding.ts'
import { compareLines, numbered, sha256 } from './signedText.ts'
import { hintFor, readRefusal, type V3Refusal } from './readRefusal.ts'

/** A call that WeChat did not take. */
export interface RefusedCall {
  /** Its path, without query: the call's name. */
  call: string
  /** The five lines that we signed. */
  signed: string
  /** Of the certificate that we named. */
  serial: string
  answer: Answered
}

const check = 'v3 signature'
const again = 'Try again in a minute.'
const somebodyElse = 'Something else than WeChat answers there: look at the address, and at proxies on the way.'

/** Why WeChat refused a call that should have passed: the signature first of all. */
export function explainRefusal(refused: RefusedCall): Finding {
  const { call, answer } = refused
  const refusal = readRefusal(answer)
  if (!refusal) {
    const detail = `${call}: HTTP ${answer.status}, and not WeChat's JSON`
    return answer.status === 429 || answer.status >= 500 ? warning(check, detail, again) : fault('connection', detail, somebodyElse)
  }
  const said = `WeChat says ${answer.status} ${refusal.code} "${refusal.message}"${numberOf(answer)}`
  if (answer.status === 401) return explainSignature(said, refusal, refused)
  if (answer.status === 429 || answer.status >= 500) return warning(check, said, again)
  return fault(check, said, adviceFor(refusal))
}

const numberOf = (answer: Answered): string => {
  const requestId = answer.headers['request-id']
  return typeof requestId === 'string' ? ` (Request-ID ${requestId})` : ''
}

function adviceFor({ code, message }: V3Refusal): string {
  if (/不匹配|NOT_MATCH/.test(code + message))
    return 'Bind the appid to the merchant number in the merchant platform ("产品中心", "AppID账号管理"), or correct one of them.'
  if (/MCH_NOT_EXISTS/.test(code)) return 'Correct the merchant number: WeChat does not know it.'
  if (/^NO_?AUTH$/.test(code)) return 'Open the product in the merchant platform ("产品中心", "Native支付").'
  return 'The signature was accepted, the call was not: read WeChat’s words; its support knows the Request-ID.'
}

function explainSignature(said: string, refusal: V3Refusal, { signed, serial }: RefusedCall): Finding {
  const hint = hintFor(refusal.message)
  const used = `the serial that we named: ${serial}`
  if (hint) return fault(check, `${hint.what}: ${said}; ${used}`, hint.advice)
  const shown = [`We signed (SHA-256 of it: ${sha256(signed)}; ${used}):`, numbered(signed)]
  if (!refusal.seen) return fault(check, [said, ...shown].join('\n'), wrongKey)
  const detail = [said, ...shown, 'WeChat verified it over:', numbered(refusal.seen.text), difference(signed, refusal.seen)]
  return fault(check, detail.join('\n'), isSame(signed, refusal.seen) ? wrongKey : changedOnTheWay)
}

const wrongKey =
  'The text is right, the key is not: the private key is not the one of the certificate with this serial. Take apiclient_key.pem and the "证书序列号" from one and the same download.'
const changedOnTheWay = 'A proxy on the way changes the request in this line: let api.mch.weixin.qq.com be reached directly.'

type Seen = NonNullable<V3Refusal['seen']>

function isSame(signed: string, { text, length }: Seen): boolean {
  return compareLines(signed, text).same && (length === undefined || length === Buffer.byteLength(signed))
}

function difference(signed: string, { text, length }: Seen): string {
  const compared = compareLines(signed, text)
  if (!compared.same)
    return `The first line that differs is line ${compared.line}:\n  ours      ${compared.ours}\n  WeChat's  ${compared.theirs}`
  const bytes = Buffer.byteLength(signed)
  if (length !== undefined && length !== bytes) return `WeChat saw ${length} bytes, we signed ${bytes}: the body differs.`
  return 'Both are the same, as far as WeChat shows its own.'
}
