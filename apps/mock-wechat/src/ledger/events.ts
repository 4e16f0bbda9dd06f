import { z } from 'zod'
import { Attempt } from '../notices/notice.ts'
import { FinalStatus, Moment, Redirection, Refund } from '../refunds/refund.ts'
import { Trade } from './trade.ts'

const trade = { mchid: z.string(), outTradeNo: z.string() }
const refund = { mchid: z.string(), outRefundNo: z.string() }

/** A line of the journal. The whole state of the mock is these lines, folded. */
export const LedgerEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('clock'), offsetMs: z.number() }),
  z.object({ type: z.literal('created'), trade: Trade }),
  z.object({ type: z.literal('renewed'), ...trade, prepayId: z.string(), codeUrl: Trade.shape.codeUrl, codeExpiresAt: z.number() }),
  z.object({ type: z.literal('shortened'), shortUrl: z.string(), longUrl: z.string() }),
  z.object({ type: z.literal('declined'), ...trade, decline: Trade.shape.declines.element }),
  z.object({ type: z.literal('closed'), ...trade, at: z.number() }),
  z.object({ type: z.literal('paid'), ...trade, payment: Trade.shape.payment.unwrap(), noticeId: z.string() }),
  z.object({ type: z.literal('refund-accepted'), refund: Refund }),
  /** `noticeId` null: there is nobody to tell. */
  z.object({ type: z.literal('refund-finished'), ...refund, status: FinalStatus, ...Moment.shape, noticeId: z.string().nullable() }),
  z.object({ type: z.literal('refund-redirected'), ...refund, redirection: Redirection }),
  z.object({ type: z.literal('funds'), mchid: z.string(), refundableFen: z.int().nullable() }),
  z.object({ type: z.literal('attempted'), noticeId: z.string(), attempt: Attempt }),
  z.object({ type: z.literal('postponed'), noticeId: z.string(), until: z.number() }),
])
export type LedgerEvent = z.infer<typeof LedgerEvent>
