import { z } from 'zod'
import { BillDate, PageQuery, pageOf } from './paging.ts'

export const billKinds = ['trade', 'fund-flow'] as const
export const billStates = ['due', 'stored', 'reconciled', 'empty', 'set-aside'] as const

/** POST /v1/bills: fetch the bills of a day, again if it was set aside. 202, with the bills of that day as a page. */
export const RequestBillBody = z.strictObject({ billDate: BillDate })
export type RequestBillBody = z.input<typeof RequestBillBody>

/** A bill of WeChat's, of one Beijing day. */
export const BillView = z.object({
  billId: z.string(),
  kind: z.enum(billKinds),
  billDate: z.string(),
  /** `due`: to be fetched. `stored`: the file is kept, to be compared. `empty`: WeChat says that nothing happened. `set-aside`: see `problem`. */
  state: z.enum(billStates),
  /** Why it was set aside, or why the last try to fetch it failed; null when nothing is wrong. */
  problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
  rows: z.int().nullable(),
  /** Counted from its rows, sums in fen, e.g. {"payments": 12, "totalFen": 45800}. */
  totals: z.record(z.string(), z.int()).nullable(),
  openDiscrepancies: z.int(),
  tries: z.int(),
  nextTryAt: z.string().nullable(),
  storedAt: z.string().nullable(),
  reconciledAt: z.string().nullable(),
})
export type BillView = z.infer<typeof BillView>

export const BillListQuery = PageQuery.extend({
  kind: z.enum(billKinds).optional(),
  state: z.enum(billStates).optional(),
  billDate: BillDate.optional(),
})
export const BillPage = pageOf(BillView)
export type BillPage = z.infer<typeof BillPage>
export const BillParams = z.strictObject({ billId: z.string().regex(/^\d{1,18}$/) })

/**
 * `paid-not-billed`: we have money that the bill lacks. `billed-not-paid`: the bill has money that we have not booked. `amount-differs`: both have
 * it, not the same. `unknown-number`: the bill names a payment that is not ours. The same three of refunds. `fee-unexpected`: the fee does not
 * fit the rate that the row names. `flow-differs`: the flow of funds does not fit the trades of the day.
 */
export const discrepancyClasses = [
  'paid-not-billed',
  'billed-not-paid',
  'amount-differs',
  'unknown-number',
  'refund-not-billed',
  'refund-unknown',
  'refund-differs',
  'fee-unexpected',
  'flow-differs',
] as const

/** One thing in which our books and WeChat's bill do not agree: a work item. */
export const DiscrepancyView = z.object({
  discrepancyId: z.string(),
  class: z.enum(discrepancyClasses),
  state: z.enum(['open', 'resolved']),
  billDate: z.string(),
  /** Of the payment that it is about, ours. */
  outTradeNo: z.string().nullable(),
  outRefundNo: z.string().nullable(),
  transactionId: z.string().nullable(),
  /** null: that side has no such thing. */
  oursFen: z.int().nullable(),
  theirsFen: z.int().nullable(),
  detail: z.string(),
  openedAt: z.string(),
  resolvedAt: z.string().nullable(),
  /** `operator`, or `reconciliation` when both sides agree by now. */
  resolver: z.string().nullable(),
  reason: z.string().nullable(),
})
export type DiscrepancyView = z.infer<typeof DiscrepancyView>

export const DiscrepancyListQuery = PageQuery.extend({
  state: z.enum(['open', 'resolved']).optional(),
  class: z.enum(discrepancyClasses).optional(),
  billDate: BillDate.optional(),
})
export const DiscrepancyPage = pageOf(DiscrepancyView)
export type DiscrepancyPage = z.infer<typeof DiscrepancyPage>

export const DiscrepancyParams = z.strictObject({ discrepancyId: z.string().regex(/^\d{1,18}$/) })

/** POST /v1/discrepancies/:discrepancyId/resolve: a person says why it is settled. It changes no money. */
export const ResolveDiscrepancyBody = z.strictObject({
  reason: z.string().trim().min(1, 'must say why').max(500, 'must be at most 500 characters'),
})
export type ResolveDiscrepancyBody = z.input<typeof ResolveDiscrepancyBody>
