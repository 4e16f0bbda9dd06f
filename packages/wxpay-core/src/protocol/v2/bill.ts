import type { Account } from '../account.ts'
import { begin, billFileOf, readInstead } from '../bill/billFile.ts'
import { BillKindUnavailableError, WechatUnknownOutcomeError } from '../errors.ts'
import type { BillAnswer, BillRequest } from '../port.ts'
import type { Flowing, Outgoing, Sender } from '../send.ts'
import { signedRequest } from './call.ts'
import type { Fields, Signer } from './sign.ts'
import { readXml } from './xml.ts'

export interface BillParts {
  account: Account
  nonce: () => string
  signer: Signer
  sender: Pick<Sender, 'stream'>
  /** Signs the fund-flow bill, whatever orders are signed by. */
  hmac: Signer
  /** Connections with the merchant's certificate. */
  certifiedSender: Pick<Sender, 'stream'> | undefined
}

/**
 * Neither a bill nor a refusal of one is signed here, and no hash is told: that a bill is whole shows in its summary alone.
 *
 * @throws {WechatUnknownOutcomeError} @throws {BillKindUnavailableError}
 * @see https://pay.weixin.qq.com/doc/v2/merchant/4011985040 trade bill
 * @see https://pay.weixin.qq.com/doc/v2/merchant/4011939779 fund-flow bill
 */
export async function downloadBill(parts: BillParts, request: BillRequest): Promise<BillAnswer> {
  const { outgoing, sender } = request.kind === 'trade' ? tradeBill(parts, request) : fundFlowBill(parts, request)
  return readBill(outgoing.path, await sender.stream(outgoing))
}

interface Ask {
  outgoing: Outgoing
  sender: Pick<Sender, 'stream'>
}

function tradeBill({ account, signer, nonce, sender }: BillParts, request: BillRequest): Ask {
  const fields = { bill_date: dateOf(request), bill_type: 'ALL', tar_type: 'GZIP' }
  return { outgoing: signedRequest({ account, signer, nonce }, '/pay/downloadbill', fields), sender }
}

function fundFlowBill({ account, hmac, nonce, certifiedSender }: BillParts, request: BillRequest): Ask {
  if (!certifiedSender) throw new BillKindUnavailableError('the fund-flow bill of v2 needs the merchant’s API certificate')
  const fields = { bill_date: dateOf(request), account_type: 'Basic', tar_type: 'GZIP' }
  return { outgoing: signedRequest({ account, signer: hmac, nonce }, '/pay/downloadfundflow', fields), sender: certifiedSender }
}

function dateOf({ billDate }: BillRequest): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(billDate)) throw new RangeError('billDate must be yyyy-MM-dd')
  return billDate.replaceAll('-', '')
}

async function readBill(call: string, { status, body }: Flowing): Promise<BillAnswer> {
  const begun = await begin(body)
  const isXml = begun.head[0] === 0x3c // "<": a refusal is XML, also where gzip was asked for
  if (status === 200 && !isXml && begun.head.length > 0) return { state: 'ready', file: billFileOf(call, begun, null) }
  const raw = await readInstead(call, begun.all)
  const state = status === 200 && isXml ? refusalOf(raw) : undefined
  if (state) return { state }
  throw new WechatUnknownOutcomeError(call, new Error(status === 200 ? 'the answer is no bill' : `HTTP ${status}`), { raw })
}

/**
 * The two calls say no in ways of their own, one in words, the other in codes. What is neither of these two says nothing about the bill:
 * a wrong signature, too, stands in such an answer.
 */
function refusalOf(raw: string): 'empty' | 'not-ready' | undefined {
  const said = reasonOf(raw)
  if (said === 'no bill exist' || said === 'no_bill_exist') return 'empty'
  if (said === 'bill creating' || said === 'bill_creating') return 'not-ready'
  return undefined
}

function reasonOf(raw: string): string | undefined {
  try {
    const fields: Fields = readXml(Buffer.from(raw))
    const isOuter = fields.get('return_code') === 'FAIL'
    return (isOuter ? fields.get('return_msg') : fields.get('err_code'))?.toLowerCase()
  } catch {
    return undefined
  }
}
