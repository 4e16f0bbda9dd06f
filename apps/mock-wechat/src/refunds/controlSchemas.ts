import { z } from 'zod'
import { outcomes } from './desk.ts'
import { FinalStatus, RefundStatus } from './refund.ts'

export const RefundsQuery = z.strictObject({ outTradeNo: z.string().optional(), status: RefundStatus.optional() })

/** A refund that a person begins in WeChat's merchant platform. */
export const PortalBody = z
  .strictObject({
    outTradeNo: z.string().min(1).optional(),
    transactionId: z.string().min(1).optional(),
    mchid: z.string().optional(),
    refundFen: z.int().positive(),
    reason: z.string().max(80).optional(),
    /** WeChat makes one up when none is given. */
    outRefundNo: z
      .string()
      .regex(/^[0-9A-Za-z_\-|*@]{1,64}$/)
      .optional(),
  })
  .refine(({ outTradeNo, transactionId }) => (outTradeNo === undefined) !== (transactionId === undefined), {
    error: 'give outTradeNo or transactionId, one of them',
    path: ['outTradeNo'],
  })

export const FinishBody = z.strictObject({ status: FinalStatus })
export const OutcomeBody = z.strictObject({ outcome: z.enum(outcomes), times: z.int().positive().optional() })
export const FundsBody = z.strictObject({ mchid: z.string().optional(), refundableFen: z.int().nonnegative().nullable() })
