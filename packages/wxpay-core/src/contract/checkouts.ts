import { z } from 'zod'
import { toFen } from '../money.ts'

export const tradeTypes = ['native', 'jsapi', 'h5'] as const
export const TradeType = z.enum(tradeTypes)
export type TradeType = z.infer<typeof TradeType>

/** WeChat's limit for the text that the payer sees, in UTF-8 bytes. */
export const maxDescriptionBytes = 127

/** Control characters break WeChat's XML; characters of four UTF-8 bytes (emoji) are not supported by WeChat. */
// eslint-disable-next-line no-control-regex -- control characters are what is being refused
const forbiddenInDescription = /[\u0000-\u001f\u007f-\u009f\u{10000}-\u{10ffff}\ud800-\udfff\ufffe\uffff]/u

export const Description = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => new TextEncoder().encode(text).length <= maxDescriptionBytes, `must be at most ${maxDescriptionBytes} UTF-8 bytes`)
  .refine((text) => !forbiddenInDescription.test(text), 'must not contain control characters, emoji or other 4-byte characters')
  .refine((text) => text.trim() === text, 'must not begin or end with white space')

/** What a shopper's page sends to open a checkout. The upper limit of the amount is a setting, known to the server. */
export function openCheckoutBody(maxAmountFen: number) {
  return z.strictObject({
    amountFen: z
      .int('must be a whole number of fen')
      .min(1, 'must be at least 1')
      .max(maxAmountFen, `must be at most ${maxAmountFen}`)
      .transform(toFen),
    description: Description.optional(),
    tradeType: TradeType.default('native'),
  })
}
export type OpenCheckoutBody = z.input<ReturnType<typeof openCheckoutBody>>

export const StartPaymentBody = z.strictObject({ tradeType: TradeType })
export type StartPaymentBody = z.infer<typeof StartPaymentBody>

export const CheckoutParams = z.strictObject({ token: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/) })

/** The longest that a status request may be held, in seconds. */
export const maxWaitSeconds = 25

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number)

export const StatusQuery = z.strictObject({
  version: wholeNumber.optional(),
  wait: wholeNumber.pipe(z.int().max(maxWaitSeconds, `must be at most ${maxWaitSeconds}`)).optional(),
})

/** What a page inside WeChat or a mini program hands to WeChat as it is; wx.requestPayment takes it without appId. */
export const JsapiInvoke = z.object({
  appId: z.string(),
  timeStamp: z.string(),
  nonceStr: z.string(),
  package: z.string(),
  signType: z.string(),
  paySign: z.string(),
})
export type JsapiInvoke = z.infer<typeof JsapiInvoke>

/** What the payer's device is given. */
export const Action = z.discriminatedUnion('tradeType', [
  z.object({ tradeType: z.literal('native'), codeUrl: z.string() }),
  z.object({ tradeType: z.literal('jsapi'), invoke: JsapiInvoke }),
  z.object({ tradeType: z.literal('h5'), url: z.string() }),
])
export type Action = z.infer<typeof Action>

export const orderStatuses = ['unpaid', 'paid', 'closed'] as const
export const attemptStates = ['preparing', 'pending', 'closing', 'closed', 'refused'] as const
export const problemCodes = ['amount_mismatch', 'paid_late', 'paid_twice', 'wechat_refused'] as const

/**
 * Money that goes back to the payer. `pending`: it is on its way. `done`: it has gone back. `failed`: it did not go back; the shop has to see to it.
 * `of`: what went back of the order's own payment, or the whole of one that the order had no use for: a second one, or one that came after it was closed.
 * Only an `order` one lessens what the shop has kept of the order.
 */
export const CheckoutRefund = z.object({
  amountFen: z.int(),
  state: z.enum(['pending', 'done', 'failed']),
  of: z.enum(['order', 'second-payment', 'late-payment']),
  /** When it was begun, or ended: WeChat's time where it is done. RFC 3339. */
  at: z.string(),
})
export type CheckoutRefund = z.infer<typeof CheckoutRefund>

/** The part of a checkout that changes while it is watched. */
export const CheckoutStatus = z.object({
  status: z.enum(orderStatuses),
  /** WeChat says paid, its notice is not here yet: do not pay again. */
  confirming: z.boolean(),
  /** The latest attempt, or null when the order is paid. */
  attempt: z.enum(attemptStates).nullable(),
  /** Rises on every visible change; the page drops an answer whose version is not higher than what it has. */
  version: z.int(),
  /** The countdown of the open attempt in milliseconds, never negative; null without one. */
  remainingMs: z.int().nullable(),
  /** WeChat's time of payment, RFC 3339. */
  paidAt: z.string().nullable(),
  /** WeChat's number of the payment that paid the order, for receipts; null before. */
  transactionId: z.string().nullable(),
  closedReason: z.enum(['cancelled', 'expired']).nullable(),
  problem: z.object({ code: z.enum(problemCodes) }).nullable(),
  /** Oldest first; the version rises whenever one of them changes. */
  refunds: z.array(CheckoutRefund),
})
export type CheckoutStatus = z.infer<typeof CheckoutStatus>

/** A checkout as the shopper's page sees it. */
export const CheckoutView = CheckoutStatus.extend({
  token: z.string(),
  orderNo: z.string(),
  amountFen: z.int(),
  description: z.string(),
  tradeType: TradeType.nullable(),
  action: Action.nullable(),
})
export type CheckoutView = z.infer<typeof CheckoutView>

/** GET /v1/shop */
export const ShopView = z.object({
  name: z.string(),
  /** How a shopper reaches the shop, e.g. a phone number; null when the shop has set none. */
  contact: z.string().nullable(),
  locale: z.enum(['zh-CN', 'en']),
  limits: z.object({ minAmountFen: z.int(), maxAmountFen: z.int() }),
  /** The ways of paying that this merchant has enabled; in WeChat's browser without `jsapi` where only the mini program has it. */
  tradeTypes: z.array(TradeType),
})
export type ShopView = z.infer<typeof ShopView>
