import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { standing, type Trade } from '../ledger/trade.ts'
import type { Outcome } from '../notices/post.ts'
import { isSigned } from '../v2/sign.ts'
import { readXml, XmlError, type Fields } from '../v2/xml.ts'
import type { Product } from './productCode.ts'
import { ScanError } from './scanError.ts'

/** What the merchant says a product costs: a trade that can be paid, or why not, in words for the payer. */
export type Verdict = { trade: Trade } | { declined: string }

const unreachable = '获取商户订单信息超时或者商户返回的httpcode非200'
const badFields = '商户后台返回的数据字段结构不合法'

/**
 * @throws {ScanError}
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=6_4
 */
export function judgeReply(outcome: Outcome, product: Product, side: { ledger: Ledger; clock: Clock }): Verdict {
  if (outcome.status !== 200 || outcome.error !== null)
    throw new ScanError(unreachable, outcome.error ?? `HTTP ${outcome.status ?? 0} instead of 200`)
  const fields = read(outcome.body ?? '')
  checkEnvelope(fields, product)
  if (fields.get('result_code') === 'FAIL') return { declined: required(fields, 'err_code_des') }
  if (fields.get('result_code') !== 'SUCCESS') throw wrong('result_code is neither SUCCESS nor FAIL')
  return { trade: findTrade(required(fields, 'prepay_id'), product, side) }
}

const wrong = (reason: string) => new ScanError(badFields, reason)

function read(body: string): Fields {
  try {
    return readXml(body)
  } catch (cause) {
    if (cause instanceof XmlError) throw wrong(`the reply is no XML: ${cause.message}`)
    throw cause
  }
}

function required(fields: Fields, name: string): string {
  const value = fields.get(name) ?? ''
  if (value === '') throw wrong(`${name} is missing`)
  return value
}

function checkEnvelope(fields: Fields, { merchant, appid }: Product): void {
  if (fields.get('return_code') !== 'SUCCESS')
    throw wrong(`return_code is ${fields.get('return_code') ?? 'missing'}: ${fields.get('return_msg') ?? 'no return_msg'}`)
  for (const name of ['appid', 'mch_id', 'nonce_str', 'result_code', 'sign']) required(fields, name)
  if (fields.get('appid') !== appid || fields.get('mch_id') !== merchant.mchid) throw wrong('appid or mch_id is another one’s')
  if (!isSigned(fields, merchant.apiKeyV2, 'MD5')) throw wrong('sign does not fit: MD5 over every field that is not empty')
}

function findTrade(prepayId: string, { merchant, appid }: Product, { ledger, clock }: { ledger: Ledger; clock: Clock }): Trade {
  const trade = ledger.byPrepay(prepayId)
  if (trade?.mchid !== merchant.mchid || trade.appid !== appid || trade.tradeType !== 'NATIVE')
    throw wrong('prepay_id is not that of a NATIVE create of this merchant and appid')
  const dead = trade.prepayId !== prepayId || clock.now() >= trade.codeExpiresAt || standing(trade, clock.now()) !== 'open'
  if (dead) throw wrong('prepay_id is too old, or its trade is paid, closed or over')
  return trade
}
