import type { KeyObject } from 'node:crypto'
import { askV3, type V3Caller, type V3Exchange } from './askV3.ts'
import { checkCertificates } from './checkCertificates.ts'
import { explain } from './checkConnections.ts'
import { explainRefusal } from './explainRefusal.ts'
import { fault, ok, warning, type Check, type Finding } from './finding.ts'
import { judgeAnswer, type WechatKeys } from './judgeAnswer.ts'
import { readRefusal } from './readRefusal.ts'
import { unusedNumber } from './unusedNumber.ts'

export interface V3Asked {
  caller: V3Caller
  /** The APIv3 key. */
  key: string
  publicKey: { id: string; key: KeyObject } | undefined
  /** A number of ours that WeChat knows, to see an answer that it signs. */
  outTradeNo: string | undefined
}

/** Signed calls that change nothing: what WeChat thinks of our signature, and what we think of its own. */
export async function checkV3Calls({ caller, key, publicKey, outTradeNo }: V3Asked): Promise<Finding[]> {
  const signature = await checkSignature(caller)
  if (signature.state === 'fault') return [signature]
  const list = await askV3(caller, '/v3/certificates')
  if (!list.answer.came) return [signature, notAnswered('platform certificates', list)]
  const certificates = checkCertificates(list.answer, { key, hasPublicKey: publicKey !== undefined })
  const keys = new Map(certificates.keys)
  if (publicKey) keys.set(publicKey.id, publicKey.key)

  const findings = [signature, ...certificates.findings]
  const signed = list.answer.status === 200 ? [list] : []
  if (outTradeNo !== undefined) {
    const known = await askV3(caller, queryPath(outTradeNo, caller))
    if (known.answer.came && known.answer.status === 200) signed.push(known)
    else findings.push(notKnown(known))
  }
  return [...findings, ...judgeAnswers(signed, keys, caller)]
}

function queryPath(outTradeNo: string, { merchant }: V3Caller): string {
  return `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}?mchid=${merchant.mchId}`
}

/** "No such order" is the good end: WeChat looks for the order when it has accepted the signature. */
async function checkSignature(caller: V3Caller): Promise<Finding> {
  const asked = await askV3(caller, queryPath(unusedNumber(), caller))
  const { call, signed, answer } = asked
  if (!answer.came) return notAnswered('v3 signature', asked)
  const code = readRefusal(answer)?.code.replaceAll('_', '')
  if (answer.status === 404 && code === 'ORDERNOTEXIST') return ok('v3 signature', `WeChat accepts it (serial ${caller.merchant.serial})`)
  return explainRefusal({ call, signed, serial: caller.merchant.serial, answer })
}

function notAnswered(check: Check, { call, answer }: V3Exchange): Finding {
  const { what, advice } = explain(answer.came ? undefined : answer.cause)
  return fault(check, `no whole answer to ${call}: ${what}`, advice)
}

function notKnown({ call, answer }: V3Exchange): Finding {
  const status = answer.came ? `HTTP ${answer.status}` : explain(answer.cause).what
  return warning('v3 answers', `${call}: ${status}`, 'Give the out_trade_no of a payment that was made with these keys.')
}

/** WeChat signs only what succeeds. The list of certificates does, for who has some; a query does, for an order that is there. */
function judgeAnswers(signed: readonly V3Exchange[], keys: WechatKeys, { now }: V3Caller): Finding[] {
  if (signed.length === 0) return [notSeen]
  return signed.flatMap(({ call, answer }) => (answer.came ? [judgeAnswer(call, answer, keys, now())] : []))
}

const notSeen = warning(
  'v3 answers',
  'not seen: WeChat signs only answers that succeed, and without an order and without platform certificates none does',
  'After the first order, run this again with its out_trade_no: only then is it seen whether the public key is the right one.',
)
