import { z } from 'zod'

/**
 * Every error code of the HTTP API with its status and a sentence for the developer who meets it.
 * The one table: server, pages and documents read it here.
 */
export const errorTable = {
  invalid_request: { status: 400, message: 'The request has problems; each is named in "problems".' },
  invalid_json: { status: 400, message: 'The body is not valid JSON in UTF-8.' },
  idempotency_key_missing: { status: 400, message: 'Send an Idempotency-Key header of 1 to 255 visible ASCII characters.' },
  login_refused: { status: 401, message: 'WeChat does not take this login code; call wx.login again.' },
  operator_unknown: { status: 401, message: 'Send Authorization: Bearer with the token of an operator.' },
  payer_unknown: { status: 401, message: 'This way of paying needs to know the payer; lead them through WeChat first.' },
  not_found: { status: 404, message: 'There is nothing at this address.' },
  checkout_not_found: { status: 404, message: 'No checkout has this token.' },
  order_not_found: { status: 404, message: 'There is no order with this number.' },
  payment_not_found: { status: 404, message: 'There is no payment with this number.' },
  refund_not_found: { status: 404, message: 'There is no refund with this number.' },
  bill_not_found: { status: 404, message: 'There is no such bill.' },
  bill_file_not_found: { status: 404, message: 'The file of this bill is not here; its state tells why.' },
  discrepancy_not_found: { status: 404, message: 'There is no such discrepancy.' },
  product_not_found: { status: 404, message: 'There is no product with this number.' },
  method_not_allowed: { status: 405, message: 'This address does not take this method.' },
  order_not_payable: { status: 409, message: 'The order is paid, being confirmed, or closed.' },
  order_not_extendable: { status: 409, message: 'No time is left that could be added to this code.' },
  order_not_cancellable: { status: 409, message: 'WeChat says that the order is paid.' },
  trade_type_not_enabled: { status: 409, message: 'This way of paying is not enabled at this merchant.' },
  payment_not_paid: { status: 409, message: 'Only what was paid can be refunded.' },
  refund_exceeds_payment: { status: 409, message: 'More is asked for than is left of this payment.' },
  refund_window_over: { status: 409, message: 'WeChat refunds for a year after the payment.' },
  too_many_refunds: { status: 409, message: 'WeChat takes 50 refunds of one payment.' },
  refunds_not_enabled: { status: 409, message: 'The settings have no keys that this payment can be refunded with.' },
  bill_day_not_over: { status: 409, message: 'The bill of a day is made after it, in Beijing.' },
  bill_too_old: { status: 409, message: 'WeChat keeps bills for three months.' },
  discrepancy_resolved: { status: 409, message: 'This discrepancy is resolved already.' },
  request_in_progress: { status: 409, message: 'A request with this Idempotency-Key is still under way.' },
  body_too_large: { status: 413, message: 'The body is larger than this route takes.' },
  unsupported_media_type: { status: 415, message: 'Send the body as application/json.' },
  idempotency_key_reused: { status: 422, message: 'This Idempotency-Key was used with other parameters.' },
  too_many_requests: { status: 429, message: 'Too many requests of this kind came from this address lately.' },
  too_many_open_orders: { status: 429, message: 'Too many unpaid checkouts are open from this address.' },
  internal_error: { status: 500, message: 'Something failed on our side; the request may be repeated with the same key.' },
  service_unavailable: { status: 503, message: 'The service is busy or its database is away; try again shortly.' },
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof errorTable

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code)
}

/** One problem of a request. `param` is a path such as "amountFen", "query.wait" or "header.idempotency-key". */
export const Problem = z.strictObject({
  param: z.string(),
  code: z.string(),
  message: z.string(),
})
export type Problem = z.infer<typeof Problem>

/** The body of every answer with a status of 400 or above. 409 answers about an order carry its view beside it. */
export const ErrorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    requestId: z.string(),
    problems: z.array(Problem).optional(),
  }),
})
export type ErrorBody = z.infer<typeof ErrorBody>
