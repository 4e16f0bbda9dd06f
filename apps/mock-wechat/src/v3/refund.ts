import type { Trade, TradePayment } from '../ledger/trade.ts'
import { RefundProblem } from '../refunds/problem.ts'
import type { Refund } from '../refunds/refund.ts'
import type { Backend } from './backend.ts'
import { checkFields } from './fields.ts'
import { isObject, type Call } from './gate.ts'
import { checkNotifyUrl } from './notifyUrl.ts'
import { refundObject } from './refundObject.ts'
import { noResource, refusalOf } from './refundRefusals.ts'
import { outRefundNo, refundRules } from './refundRules.ts'
import { internalCodes, Refused } from './refusal.ts'

/** Takes a refund; the answer says that it was taken, not that the money is there. @throws {Refused} */
export function refund(call: Call, backend: Backend) {
  try {
    return backend.desk.rates.watch(call.merchant.mchid, () => take(call, backend))
  } catch (cause) {
    throw cause instanceof RefundProblem ? refusalOf(cause, backend.switches) : cause
  }
}

/** By the merchant's number of the refund; there is no limit of age. @throws {Refused} */
export function queryRefund({ parameter, query, merchant }: Call, backend: Backend) {
  checkFields({ out_refund_no: parameter }, { out_refund_no: outRefundNo }, 'uri_template')
  checkFields(Object.fromEntries(query), {}, 'query')
  return presentRefund(backend.ledger.refunds.find(merchant.mchid, parameter), backend)
}

/** @throws {Refused} 404 */
export function presentRefund(found: Refund | undefined, { ledger }: Backend) {
  const trade = found && ledger.find(found.mchid, found.outTradeNo)
  if (!found || !trade?.payment) throw noResource('退款单不存在')
  return refundObject(found, trade, trade.payment)
}

function take({ body, merchant }: Call, { ledger, desk, switches }: Backend) {
  checkFields(body, refundRules, 'body')
  const amount = isObject(body['amount']) ? body['amount'] : {}
  checkAmount(amount)
  const notifyUrl = text(body['notify_url'])
  if (notifyUrl !== null) checkNotifyUrl(notifyUrl, switches.notifyHttp)
  const { trade, payment } = find(body, merchant.mchid, ledger)
  const taken = desk.take({
    trade,
    payment,
    origin: 'v3',
    outRefundNo: text(body['out_refund_no']) ?? '',
    totalFen: Number(amount['total']),
    refundFen: Number(amount['refund']),
    reason: text(body['reason']),
    notifyUrl,
    fundsAccount: body['funds_account'] === 'AVAILABLE' ? 'AVAILABLE' : 'UNSETTLED',
  })
  return refundObject(taken, trade, payment)
}

/** The rules have been checked: this only tells the types. */
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

function checkAmount({ currency, from }: Record<string, unknown>): void {
  if (currency !== 'CNY') {
    const detail = { field: '/amount/currency', value: currency, issue: 'Currency code is invalid', location: 'body' }
    throw new Refused({ status: 400, code: 'PARAM_ERROR', message: '参数错误', detail, internal: internalCodes.illegalParameter })
  }
  if (from === undefined) return
  const message = '商户号该产品权限未开通，请前往商户平台>产品中心检查后重试'
  throw new Refused({
    status: 403,
    code: 'NO_AUTH',
    message,
    reason: 'amount.from is for split orders, a product that these merchants do not have',
  })
}

/** WeChat's number wins. An unpaid order has nothing to give back: it is as if it did not exist. */
function find(body: Record<string, unknown>, mchid: string, ledger: Backend['ledger']): { trade: Trade; payment: TradePayment } {
  const [transactionId, outTradeNo] = [text(body['transaction_id']), text(body['out_trade_no'])]
  if (transactionId === null && outTradeNo === null) throw noNumber()
  const trade = transactionId === null ? ledger.find(mchid, outTradeNo ?? '') : ledger.byTransaction(transactionId)
  if (!trade || trade.mchid !== mchid) throw noResource('订单不存在')
  if (!trade.payment) throw noResource('订单不存在', 'the order was not paid')
  return { trade, payment: trade.payment }
}

/** Our wording. */
const noNumber = () =>
  new Refused({
    status: 400,
    code: 'PARAM_ERROR',
    message: '微信支付订单号和商户订单号必须传入一个',
    detail: { location: 'body', value: '' },
    reason: 'transaction_id or out_trade_no is required',
    internal: internalCodes.illegalParameter,
  })
