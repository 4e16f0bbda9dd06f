import type { Account } from '../account.ts'
import { NoticeRefusedError } from '../errors.ts'
import type { NoticeReply, Scan, ScanGate } from '../port.ts'
import { readAnswer, type Call } from './call.ts'
import { readText } from './map.ts'
import { fieldRefusal, plain, readNoticeXml } from './notice.ts'
import { refusal } from './refusal.ts'
import type { Fields, Signer } from './sign.ts'
import { writeXml } from './xml.ts'

export interface ScanParts {
  call: Call
  account: Account
  /** Of MD5: codes name no sign type, and WeChat signs scans by MD5 whatever the merchant's orders are signed by. */
  signer: Signer
  nonce: () => string
}

/**
 * Native mode 1. All of it is our own appid's: it is in the codes, and the payers' openids are under it.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=6_4
 */
export function createScanGate({ call, account, signer, nonce }: ScanParts): ScanGate {
  const { appId, mchId } = account

  function signed(fields: Readonly<Record<string, string>>): NoticeReply {
    const entries = Object.entries(fields)
    return reply([...entries, ['sign', signer.sign(new Map(entries))]])
  }

  return {
    codeFor: (productId, at) => codeFor({ account, signer, nonce }, productId, at),
    shorten: (codeUrl) => shorten(call, codeUrl),
    open: (raw) => openScan({ account, signer }, raw),
    replies: {
      prepared: (prepayId) =>
        signed({
          return_code: 'SUCCESS',
          appid: appId,
          mch_id: mchId,
          nonce_str: nonce(),
          prepay_id: prepayId,
          result_code: 'SUCCESS',
        }),
      declined: (messageForPayer) =>
        signed({
          return_code: 'SUCCESS',
          appid: appId,
          mch_id: mchId,
          nonce_str: nonce(),
          prepay_id: '',
          result_code: 'FAIL',
          err_code_des: shown(messageForPayer),
        }),
      rejected: (reason) =>
        reply([
          ['return_code', 'FAIL'],
          ['return_msg', plain(reason)],
        ]),
    },
  }
}

/**
 * The five fields and their signature are printed for everybody to read, and v2 signs "a=1&b=2" without escaping: a product's number
 * without "&" and "=" is what keeps anybody from reading another message out of a code.
 */
const productNumber = /^[A-Za-z0-9_-]{1,32}$/

function codeFor({ account, signer, nonce }: Omit<ScanParts, 'call'>, productId: string, at: Date): string {
  if (!productNumber.test(productId)) throw new RangeError('productId must be 1 to 32 letters, digits, _ or -')
  const fields = {
    appid: account.appId,
    mch_id: account.mchId,
    product_id: productId,
    time_stamp: String(Math.floor(at.getTime() / 1000)),
    nonce_str: nonce(),
  }
  const sign = signer.sign(new Map(Object.entries(fields)))
  const query = Object.entries({ sign, ...fields }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `weixin://wxpay/bizpayurl?${query.join('&')}`
}

const shortUrlPath = '/tools/shorturl'

/** @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_9 signed as it is, sent percent-encoded */
async function shorten(call: Call, codeUrl: string): Promise<string> {
  const answer = await call(shortUrlPath, { long_url: codeUrl }, { long_url: encodeURIComponent(codeUrl) })
  if (answer.result === 'refused') throw refusal(shortUrlPath, answer)
  return readAnswer(shortUrlPath, answer.raw, () => readText(answer.fields, 'short_url'))
}

/**
 * The order of the checks is that of a notice (rule R5). What else this key signs must not become a scan by being sent here: a scan has no
 * return_code, as WeChat's answers, notices and our replies have, and no time_stamp, as a printed code has.
 *
 * @throws {NoticeRefusedError}
 */
function openScan({ account, signer }: Pick<ScanParts, 'account' | 'signer'>, raw: Buffer): Scan {
  const fields = readNoticeXml(raw)
  if (!signer.verify(fields)) throw new NoticeRefusedError('wrong-signature', "sign is not this key's MD5")
  if (fields.get('appid') !== account.appId || fields.get('mch_id') !== account.mchId)
    throw new NoticeRefusedError('wrong-merchant', 'appid or mch_id is not ours', { authentic: true })
  const other = ['return_code', 'time_stamp'].find((name) => fields.get(name))
  if (other !== undefined) throw new NoticeRefusedError('malformed', `${other}: this message is not a scan`, { authentic: true })
  return readScan(fields)
}

function readScan(fields: Fields): Scan {
  try {
    return {
      productId: readText(fields, 'product_id'),
      openId: readText(fields, 'openid'),
      subscribed: fields.get('is_subscribe') === 'Y',
      nonce: readText(fields, 'nonce_str'),
    }
  } catch (cause) {
    throw fieldRefusal(cause)
  }
}

/** Always 200: of another status WeChat tells the payer that the shop cannot be reached, and nothing of what the body says. */
function reply(fields: Iterable<readonly [string, string]>): NoticeReply {
  return { status: 200, contentType: 'text/xml; charset=utf-8', body: writeXml(fields) }
}

/** err_code_des takes 128 characters; what XML cannot carry, half a character at the cut too, becomes a space. */
function shown(message: string): string {
  return message.slice(0, 128).replace(/[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' ')
}
