import { FieldError } from '../fieldError.ts'
import type { RefundState, ReportedRefund } from '../port.ts'
import { readObject, readOptionalText, readText, type JsonObject } from './json.ts'
import { readFen, readTime } from './map.ts'

/**
 * The facts of a refund, from an answer or from a notice, which differ in the name of the state. The object must have been verified.
 *
 * @throws {FieldError}
 */
export function readRefund(refund: JsonObject, stateField: 'status' | 'refund_status'): ReportedRefund {
  const amount = readObject(refund, 'amount')
  if ((readOptionalText(amount, 'currency') ?? 'CNY') !== 'CNY') throw new FieldError('currency', 'unreadable')
  const state = readState(refund, stateField)
  const isTimed = state === 'success' && readOptionalText(refund, 'success_time') !== undefined
  return {
    outTradeNo: readText(refund, 'out_trade_no'),
    transactionId: readText(refund, 'transaction_id'),
    outRefundNo: readText(refund, 'out_refund_no'),
    refundId: readText(refund, 'refund_id'),
    totalFen: required(amount, 'total'),
    refundFen: required(amount, 'refund'),
    state,
    succeededAt: isTimed ? readTime(refund, 'success_time') : null,
    payerRefundFen: readFen(amount, 'payer_refund') ?? null,
    receivedAccount: readOptionalText(refund, 'user_received_account') ?? null,
  }
}

function required(amount: JsonObject, name: string) {
  const fen = readFen(amount, name)
  if (fen === undefined) throw new FieldError(name, 'missing')
  return fen
}

const states = new Map<string, RefundState>([
  ['PROCESSING', 'processing'],
  ['SUCCESS', 'success'],
  ['CLOSED', 'closed'],
  ['ABNORMAL', 'abnormal'],
])

function readState(refund: JsonObject, name: string): RefundState {
  const state = states.get(readText(refund, name))
  if (!state) throw new FieldError(name, 'unreadable')
  return state
}
