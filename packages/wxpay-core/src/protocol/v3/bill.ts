import { begin, billFileOf, readInstead } from '../bill/billFile.ts'
import { WechatUnknownOutcomeError } from '../errors.ts'
import { FieldError } from '../fieldError.ts'
import type { BillAnswer, BillFile, BillRequest } from '../port.ts'
import { withoutQuery, type Sender } from '../send.ts'
import { readAnswer, type Call } from './call.ts'
import { plainCode } from './errorBody.ts'
import { signedRequest, type SigningParts } from './exchange.ts'
import { readText, type JsonObject } from './json.ts'
import { refusal } from './refusal.ts'

export interface BillParts {
  call: Call
  signing: SigningParts
  sender: Pick<Sender, 'stream'>
}

/**
 * Asks where the bill is, in a signed answer that tells its hash, and fetches it from there, unsigned. No bill is final, and comes
 * unsigned like every refusal.
 *
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_1_6.shtml trade bill
 * @see https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_1_7.shtml fund-flow bill
 * @see https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_1_8.shtml download
 */
export async function downloadBill(parts: BillParts, request: BillRequest): Promise<BillAnswer> {
  const path = pathOf(request)
  const answer = await parts.call({ method: 'GET', path })
  if (answer.result === 'refused') {
    const code = plainCode(answer.code)
    if (code === 'NOSTATEMENTEXIST') return { state: 'empty' }
    if (code === 'STATEMENTCREATING') return { state: 'not-ready' }
    throw refusal(withoutQuery(path), answer)
  }
  const address = readAnswer(path, answer, () => readAddress(answer.json))
  return { state: 'ready', file: await fetchBill(parts, address) }
}

function pathOf({ kind, billDate }: BillRequest): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(billDate)) throw new RangeError('billDate must be yyyy-MM-dd')
  return kind === 'trade'
    ? `/v3/bill/tradebill?bill_date=${billDate}&bill_type=ALL&tar_type=GZIP`
    : `/v3/bill/fundflowbill?bill_date=${billDate}&account_type=BASIC&tar_type=GZIP`
}

interface Address {
  /** Of download_url, as it stands there: path and query. */
  path: string
  sha1: string
}

/**
 * Of the address only path and query are used. It is asked at the hosts of our settings, as every call is: what we sign goes to nobody else,
 * and a proxy in front of WeChat is passed through.
 */
function readAddress(json: JsonObject): Address {
  if (readText(json, 'hash_type') !== 'SHA1') throw new FieldError('hash_type', 'unreadable')
  const sha1 = readText(json, 'hash_value')
  if (!/^[0-9A-Fa-f]{40}$/.test(sha1)) throw new FieldError('hash_value', 'unreadable')
  const path = /^https?:\/\/[A-Za-z0-9.:[\]-]+(\/v3\/[\x21\x22\x24-\x7e]*)$/.exec(readText(json, 'download_url'))?.[1]
  if (path === undefined) throw new FieldError('download_url', 'unreadable')
  return { path, sha1 }
}

/** The address is good for five minutes: whoever comes too late asks from the beginning. */
async function fetchBill({ signing, sender }: BillParts, { path, sha1 }: Address): Promise<BillFile> {
  const call = withoutQuery(path)
  const { status, body } = await sender.stream(await signedRequest(signing, { method: 'GET', path }))
  if (status === 200) return billFileOf(call, await begin(body), sha1)
  throw new WechatUnknownOutcomeError(call, new Error(`HTTP ${status}`), { raw: await readInstead(call, body) })
}
