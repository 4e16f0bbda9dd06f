import { z } from 'zod'
import { toFen } from '../money.ts'
import { PageQuery, pageOf } from './paging.ts'

/** WeChat's limit for the reason that the payer sees, in UTF-8 bytes. */
export const maxReasonBytes = 80

export const PaymentParams = z.strictObject({ outTradeNo: z.string().regex(/^[0-9A-Za-z_|*-]{6,32}$/) })
export const RefundParams = z.strictObject({ outRefundNo: z.string().regex(/^[0-9A-Za-z_|*@-]{1,64}$/) })

// eslint-disable-next-line no-control-regex -- control characters are what is being refused
const forbiddenInReason = /[\u0000-\u001f\u007f-\u009f\u{10000}-\u{10ffff}\ud800-\udfff\ufffe\uffff]/u

/** POST /v1/payments/:outTradeNo/refunds */
export const RequestRefundBody = z.strictObject({
  amountFen: z.int('must be a whole number of fen').min(1, 'must be at least 1').transform(toFen),
  /** Shown to the payer, except for partial refunds of up to 1 yuan. */
  reason: z
    .string()
    .min(1, 'must not be empty')
    .refine((text) => new TextEncoder().encode(text).length <= maxReasonBytes, `must be at most ${maxReasonBytes} UTF-8 bytes`)
    .refine((text) => !forbiddenInReason.test(text), 'must not contain control characters or emoji')
    .optional(),
})
export type RequestRefundBody = z.input<typeof RequestRefundBody>

export const refundStatuses = ['submitting', 'processing', 'success', 'closed', 'needs-attention', 'refused'] as const
export const refundOrigins = ['operator', 'duplicate', 'late', 'wechat'] as const

/** A refund as operators see it. */
export const RefundView = z.object({
  outRefundNo: z.string(),
  /** WeChat's number; null until it has accepted the refund. */
  refundId: z.string().nullable(),
  outTradeNo: z.string(),
  orderNo: z.string(),
  amountFen: z.int(),
  reason: z.string().nullable(),
  /** Who began it: the shop, ourselves (paid twice, paid late), or somebody in WeChat's merchant platform. */
  origin: z.enum(refundOrigins),
  status: z.enum(refundStatuses),
  /** `funds`: the merchant's balance at WeChat is too small; it is tried again by itself. */
  waitingFor: z.enum(['funds']).nullable(),
  /** Where the money went, in WeChat's words. */
  receivedAccount: z.string().nullable(),
  /** WeChat's words when it finally refused. */
  refusal: z.object({ code: z.string(), description: z.string() }).nullable(),
  createdAt: z.string(),
  acceptedAt: z.string().nullable(),
  /** WeChat's time. */
  succeededAt: z.string().nullable(),
})
export type RefundView = z.infer<typeof RefundView>

export const RefundListQuery = PageQuery.extend({
  status: z.enum(refundStatuses).optional(),
  outTradeNo: PaymentParams.shape.outTradeNo.optional(),
})
export const RefundPage = pageOf(RefundView)
export type RefundPage = z.infer<typeof RefundPage>
