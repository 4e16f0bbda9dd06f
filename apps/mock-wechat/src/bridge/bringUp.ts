import type { Clock } from '../clock.ts'
import { findPerson, openidOf } from '../accounts/people.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { standing, type Trade } from '../ledger/trade.ts'
import type { Merchant, Merchants } from '../merchants.ts'
import { sign, signTypes } from '../v2/sign.ts'
import { isSignedBy } from '../v3/sign.ts'

/** What a page hands to getBrandWCPayRequest; a mini program's appId is known without being said. */
export const bringUpNames = ['appId', 'timeStamp', 'nonceStr', 'package', 'signType', 'paySign'] as const
export type BringUp = Record<(typeof bringUpNames)[number], string>

/** WeChat's client shows `message` and no payment sheet. */
export class BringUpError extends Error {
  override readonly name = 'BringUpError'
  readonly status: 400 | 404 | 409
  readonly code: string
  /** What WeChat does not say: plain English, shown by GET /_control/refusals. */
  readonly reason: string

  constructor(status: 400 | 404 | 409, code: string, { message, reason }: { message: string; reason: string }) {
    super(message)
    this.status = status
    this.code = code
    this.reason = reason
  }
}

export interface BringUpSide {
  ledger: Ledger
  clock: Clock
  merchants: Merchants
}

const badFormat = '商家参数格式有误'
/** WeChat's own text for a prepay id that it cannot use, though it misleads. */
const noPrepayId = '缺少参数:total_fee'
const wrongSignature = '支付验证签名失败'

/** @throws {BringUpError} for the first of the six values that is absent, empty or no text */
export function readBringUp(given: Record<string, unknown>): BringUp {
  const [appId = '', timeStamp = '', nonceStr = '', packaged = '', signType = '', paySign = ''] = bringUpNames.map((name) => {
    const value = given[name]
    if (typeof value === 'string' && value !== '') return value
    const reason = value === undefined || value === '' ? `${name} is required` : `${name} must be a string: it is a ${typeof value}`
    throw new BringUpError(400, 'missing_parameter', { message: `调用支付JSAPI缺少参数: ${name}`, reason })
  })
  return { appId, timeStamp, nonceStr, package: packaged, signType, paySign }
}

/**
 * What WeChat's client finds out before it shows the payment sheet.
 *
 * @param visitor - whose WeChat it is: an openid under the appId, or the id of a test user; the owner of the phone when absent
 * @throws {BringUpError}
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791857
 */
export function checkBringUp(bringUp: BringUp, visitor: string | undefined, side: BringUpSide): Trade {
  const merchant = side.merchants.all.find(({ appids }) => appids.includes(bringUp.appId))
  if (!merchant) throw new BringUpError(404, 'unknown_appid', { message: badFormat, reason: 'no merchant of this mock has the appId' })
  checkForm(bringUp)
  const prepayId = readPackage(bringUp)
  const trade = findTrade(prepayId, bringUp.appId, side)
  checkSignature(bringUp, trade, merchant)
  checkAlive(trade, prepayId, side.clock.now())
  checkVisitor(trade, visitor)
  return trade
}

function checkForm({ timeStamp, nonceStr }: BringUp): void {
  const wrong = (reason: string) => new BringUpError(400, 'bad_parameter', { message: badFormat, reason })
  if (!/^\d{10}$/.test(timeStamp)) throw wrong('timeStamp must be ten digits: seconds, not milliseconds')
  if (nonceStr.length > 32) throw wrong('nonceStr is longer than 32 characters')
}

function readPackage({ package: packaged }: BringUp): string {
  const prepayId = /^prepay_id=(wx\w+)$/.exec(packaged)?.[1]
  if (prepayId !== undefined) return prepayId
  throw new BringUpError(400, 'bad_package', { message: noPrepayId, reason: 'package must be prepay_id=wx…, with this prefix once' })
}

function findTrade(prepayId: string, appId: string, { ledger }: BringUpSide): Trade {
  const trade = ledger.byPrepay(prepayId)
  if (!trade)
    throw new BringUpError(404, 'unknown_prepay_id', { message: noPrepayId, reason: 'no create was answered with this prepay_id' })
  if (trade.appid !== appId)
    throw new BringUpError(409, 'other_appid', { message: badFormat, reason: 'the prepay_id belongs to a create with another appid' })
  if (trade.tradeType !== 'JSAPI')
    throw new BringUpError(409, 'other_trade_type', { message: badFormat, reason: `the prepay_id is that of a ${trade.tradeType} create` })
  return trade
}

function checkSignature(bringUp: BringUp, trade: Trade, merchant: Merchant): void {
  const refused = (reason: string) => new BringUpError(409, 'wrong_signature', { message: wrongSignature, reason })
  const expected = trade.protocol === 'v3' ? 'RSA' : trade.signType
  if (bringUp.signType !== expected) throw refused(`signType must be ${expected ?? ''}, as the create was signed`)
  if (trade.protocol === 'v3') {
    const text = bringUpText(bringUp)
    if (!isSignedBy(Buffer.from(text), bringUp.paySign, merchant.merchantCertificate))
      throw refused(`expected a signature by the merchant’s key over: ${JSON.stringify(text)}`)
    return
  }
  const type = signTypes.find((known) => known === expected) ?? 'MD5'
  const { paySign, ...signed } = bringUp
  if (sign(new Map(Object.entries(signed)), merchant.apiKeyV2, type) !== paySign)
    throw refused(`expected ${type} over appId, nonceStr, package, signType, timeStamp and the key`)
}

/** Four lines, each ended by a newline, the last too: https://pay.weixin.qq.com/doc/v3/merchant/4012365340 */
export const bringUpText = ({ appId, timeStamp, nonceStr, package: packaged }: Omit<BringUp, 'signType' | 'paySign'>): string =>
  `${appId}\n${timeStamp}\n${nonceStr}\n${packaged}\n`

function checkAlive(trade: Trade, prepayId: string, now: number): void {
  const state = standing(trade, now)
  if (state === 'paid') throw new BringUpError(409, 'paid', { message: '该订单已支付', reason: 'the trade is paid' })
  if (state === 'closed') throw new BringUpError(409, 'closed', { message: '该订单已关闭', reason: 'the trade is closed' })
  if (state === 'expired') throw new BringUpError(409, 'expired', { message: '该订单已过期', reason: 'time_expire is over' })
  if (trade.prepayId !== prepayId || now >= trade.codeExpiresAt)
    throw new BringUpError(409, 'expired', {
      message: noPrepayId,
      reason: 'the prepay_id is older than two hours, or a newer one took its place',
    })
}

function checkVisitor({ appid, payerOpenid }: Trade, visitor: string | undefined): void {
  const person = findPerson(appid, visitor)
  if (person && openidOf(person.id, appid) === payerOpenid) return
  throw new BringUpError(409, 'other_payer', {
    message: '下单账号与支付账号不一致',
    reason: `${person ? `the visitor is ${person.id}` : 'the visitor is no test user'}, and the create named another openid`,
  })
}
