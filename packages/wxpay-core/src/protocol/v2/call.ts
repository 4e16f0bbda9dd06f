import type { Account } from '../account.ts'
import { WechatUnknownOutcomeError } from '../errors.ts'
import { FieldError } from '../fieldError.ts'
import type { Outgoing, Sender } from '../send.ts'
import type { Fields, Signer } from './sign.ts'
import { readXml, writeXml } from './xml.ts'

/** WeChat's verified answer. `refused` is its final no; a no that is not final has been thrown as an unknown outcome. */
export type Answer = { result: 'done'; fields: Fields; raw: string } | { result: 'refused'; code: string; description: string; raw: string }

/**
 * @param fields - beside what every request carries; with an `appid` of its own the answer must echo it, else it may be any of ours
 * @param encoded - values that are sent in another form than the signed one
 */
export type Call = (path: string, fields: Texts, encoded?: Texts) => Promise<Answer>

type Texts = Readonly<Record<string, string>>

export interface SigningParts {
  account: Account
  signer: Signer
  nonce: () => string
}

export interface CallParts extends SigningParts {
  sender: Pick<Sender, 'send'>
}

// WeChat's error tables: the state is not known, or the same call is to be repeated, some of them after a while only.
const rateLimits = new Set(['FREQUENCY_LIMITED', 'INVALID_REQ_TOO_MUCH', 'RATELIMIT_EXCEEDED', 'RATELIMITED', 'RATE_LIMITED'])
const notFinal = new Set(['SYSTEMERROR', 'BIZERR_NEED_RETRY', ...rateLimits])

const contentType = 'text/xml; charset=utf-8'

/** Signs, sends, and hands back only what the key's owner has said about this merchant. */
export function createCall({ account, signer, sender, nonce }: CallParts): Call {
  const { mchId, isOurs } = account
  const isFor = (asked: Texts, answer: Fields) =>
    (asked['appid'] === undefined ? isOurs(answer.get('appid')) : answer.get('appid') === asked['appid']) && answer.get('mch_id') === mchId

  return async (path, fields, encoded = {}) => {
    const { status, body: bytes } = await sender.send(signedRequest({ account, signer, nonce }, path, fields, encoded))
    const raw = bytes.toString('utf8')
    const unknown = (cause: unknown, rateLimited = false) => new WechatUnknownOutcomeError(path, cause, { raw, rateLimited })

    if (status !== 200) throw unknown(new Error(`HTTP ${status}`), status === 429)
    const answer = read(bytes, unknown)
    // Unsigned, so anybody may have said it: the attempt failed, what became of the trade is not known.
    if (answer.get('return_code') !== 'SUCCESS') throw unknown(new Error(`return_code is not SUCCESS: ${reasonOf(answer)}`))
    if (!signer.verify(answer)) throw unknown(new Error('the answer has no right signature'))
    if (!isFor(fields, answer)) throw unknown(new Error('the answer is for another merchant'))
    if (answer.get('result_code') === 'SUCCESS') return { result: 'done', fields: answer, raw }

    const code = answer.get('err_code') ?? ''
    const description = answer.get('err_code_des') ?? ''
    if (answer.get('result_code') !== 'FAIL' || code === '') throw unknown(new Error('result_code and err_code do not say how it went'))
    if (notFinal.has(code)) throw unknown(new Error(`${code} ${description}`), rateLimits.has(code))
    return { result: 'refused', code, description, raw }
  }
}

/** What every request carries, the fields of this one, and the signature over both. */
export function signedRequest({ account, signer, nonce }: SigningParts, path: string, fields: Texts, encoded: Texts = {}): Outgoing {
  const { appId, mchId } = account
  const unsigned = { appid: appId, mch_id: mchId, nonce_str: nonce(), sign_type: signer.signType, ...fields }
  const sign = signer.sign(new Map(Object.entries(unsigned)))
  const body = writeXml(Object.entries({ ...unsigned, ...encoded, sign }))
  return { method: 'POST', path, headers: { accept: contentType, 'content-type': contentType }, body }
}

function read(bytes: Buffer, unknown: (cause: unknown) => Error): Fields {
  try {
    return readXml(bytes)
  } catch (cause) {
    throw unknown(cause)
  }
}

/** WeChat's own words; some of its servers write retmsg. */
function reasonOf(answer: Fields): string {
  return answer.get('return_msg') ?? answer.get('retmsg') ?? 'no reason given'
}

/** Runs a reader over a verified answer; what it cannot read tells nothing about the trade. */
export function readAnswer<T>(path: string, raw: string, reader: () => T): T {
  try {
    return reader()
  } catch (cause) {
    if (cause instanceof FieldError) throw new WechatUnknownOutcomeError(path, cause, { raw })
    throw cause
  }
}
