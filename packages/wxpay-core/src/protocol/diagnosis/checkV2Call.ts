import { randomBytes } from 'node:crypto'
import { createSigner, type Fields, type SignType } from '../v2/sign.ts'
import { MalformedXmlError, readXml, writeXml } from '../v2/xml.ts'
import type { Answered, Line } from './exchange.ts'
import { explain } from './checkConnections.ts'
import { fault, ok, warning, type Finding } from './finding.ts'
import { sha256, v2SignedText } from './signedText.ts'
import { unusedNumber } from './unusedNumber.ts'

export interface V2Account {
  appId: string
  mchId: string
  key: string
  signType: SignType
}

const path = '/pay/orderquery'
const check = 'v2 signature'

/** A signed query of a number that was never used: changes nothing, and shows whether WeChat and we have the same key. */
export async function checkV2Call(line: Line, apiUrl: string, account: V2Account): Promise<Finding> {
  const signer = createSigner(account.key, account.signType)
  const fields = new Map([
    ['appid', account.appId],
    ['mch_id', account.mchId],
    ['nonce_str', randomBytes(16).toString('hex')],
    ['out_trade_no', unusedNumber()],
    ['sign_type', account.signType],
  ])
  const body = writeXml([...fields, ['sign', signer.sign(fields)]])
  const contentType = 'text/xml; charset=utf-8'
  const answer = await line.ask(apiUrl, { method: 'POST', path, headers: { 'content-type': contentType, accept: contentType }, body })
  if (!answer.came) {
    const { what, advice } = explain(answer.cause)
    return fault(check, `no whole answer to ${path}: ${what}`, advice)
  }
  return judge(answer, fields, account)
}

function judge(answer: Answered, asked: Fields, account: V2Account): Finding {
  const fields = read(answer)
  if (!fields) {
    const detail = `${path}: HTTP ${answer.status}, and not WeChat's XML`
    return answer.status === 429 || answer.status >= 500 ? warning(check, detail, again) : fault('connection', detail, somebodyElse)
  }
  if (fields.get('return_code') !== 'SUCCESS') return refused(fields.get('return_msg') ?? fields.get('retmsg') ?? '', asked, account)
  return unverifiable(fields, account) ?? business(fields, account)
}

function read({ body }: Answered): Fields | undefined {
  try {
    return readXml(body)
  } catch (cause) {
    if (cause instanceof MalformedXmlError) return undefined
    throw cause
  }
}

const again = 'Try again in a minute.'
const somebodyElse = 'Something else than WeChat answers there: look at the address, and at proxies on the way.'
const takeKey =
  'Compare the "APIv2密钥" with the merchant platform ("账户中心", "API安全"). It cannot be read there, only set again; it is not the "APIv3密钥" nor the "AppSecret".'
const bind = 'Bind the appid to the merchant number in the merchant platform ("产品中心", "AppID账号管理"), or correct one of them.'

/** WeChat's unsigned no. Its words are all that it tells. */
function refused(words: string, asked: Fields, { signType }: V2Account): Finding {
  const said = `WeChat says "${words}"`
  if (/签名|sign/i.test(words)) {
    const text = v2SignedText(asked)
    const detail = [`${said}; the key is wrong.`, `We signed, by ${signType}:`, `  ${text}`, `SHA-256 of this line: ${sha256(text)}`]
    return fault(check, detail.join('\n'), takeKey)
  }
  return fault(check, said, adviceFor(words) ?? 'WeChat refuses the call before it looks at the signature: read its words.')
}

function adviceFor(words: string): string | undefined {
  if (/不匹配|NOT_MATCH/.test(words)) return bind
  if (/appid/i.test(words) && /不存在|NOT_?EXIST/.test(words)) return 'Correct the appid: WeChat does not know it.'
  if (/mch_?id|商户号/i.test(words) && /不存在|NOT_?EXIST/.test(words)) return 'Correct the merchant number: WeChat does not know it.'
  if (/子商户|sub_mch/.test(words))
    return 'This is the number of a service provider ("服务商"); take the number of the merchant itself ("普通商户").'
  return undefined
}

/** The request was accepted, so the key is WeChat's; then the answer has to be signed with it too. */
function unverifiable(answer: Fields, { key, signType, appId, mchId }: V2Account): Finding | undefined {
  if (createSigner(key, signType).verify(answer)) {
    if (answer.get('appid') === appId && answer.get('mch_id') === mchId) return undefined
    return fault(check, 'the answer is signed, but for another merchant', somebodyElse)
  }
  const sign = answer.get('sign') ?? ''
  if (sign.startsWith('WECHATPAY/SIGNTEST/'))
    return warning(check, 'WeChat tested whether a wrong signature is noticed (SIGNTEST): it was', again)
  if (sign === '') return fault(check, "WeChat's answer has no signature", somebodyElse)
  const other: SignType = signType === 'MD5' ? 'HMAC-SHA256' : 'MD5'
  const unnamed = new Map([...answer].filter(([name]) => name !== 'sign_type'))
  if (createSigner(key, other).verify(unnamed))
    return fault(check, `WeChat's answer is signed by ${other}, not by ${signType}`, `Set the sign type to ${other}.`)
  const text = v2SignedText(answer)
  const detail = ["WeChat's answer cannot be verified with our key. It would have to be signed over:", `  ${text}`]
  return fault(check, detail.join('\n'), `The key is not WeChat's, or the answer was changed on the way. ${takeKey}`)
}

const accepted = 'WeChat accepts our signature, and we accept its answer'

/** WeChat's signed word. "No such order" is the good end. */
function business(answer: Fields, { signType }: V2Account): Finding {
  const code = answer.get('err_code') ?? ''
  const said = `WeChat says ${code} "${answer.get('err_code_des') ?? ''}"`
  if (code === 'ORDERNOTEXIST') return ok(check, `${accepted} (${signType})`)
  if (['SYSTEMERROR', 'FREQUENCY_LIMITED', 'BIZERR_NEED_RETRY'].includes(code)) return warning(check, `${accepted}, but ${said}`, again)
  if (code === 'NOAUTH') return fault(check, said, 'Open the product in the merchant platform ("产品中心", "Native支付").')
  return fault(check, `${said}, of a number that was never used`, adviceFor(said) ?? 'Read its words; WeChat’s support knows the code.')
}
