import { z } from 'zod'
import { readDay } from '../bills/day.ts'
import { mostSyntheticRows } from '../bills/synthetic.ts'
import { tradeBillTypes } from '../bills/tradeColumns.ts'
import { Protocol } from '../ledger/trade.ts'
import { describeKind, faultKinds, isFaultKind, parameters, protocolOf, targets, type FaultKind } from '../faults/kinds.ts'

/** A day of the ladder fits several times over; beyond this a typing error is likelier than a wish. */
const longestAdvanceMs = 400 * 86_400_000

const given = z.string().min(1).optional()
const which = { codeUrl: given, prepayId: given, outTradeNo: given, mchid: z.string().optional() }
type Which = { codeUrl?: string | undefined; prepayId?: string | undefined; outTradeNo?: string | undefined }
const nameOne = ({ codeUrl, prepayId, outTradeNo }: Which) =>
  [codeUrl, prepayId, outTradeNo].filter((name) => name !== undefined).length === 1
const nameOneMessage = { error: 'give codeUrl, prepayId or outTradeNo, one of them', path: ['codeUrl'] }

/** A prepay id shows the sheet of a payment that a page has brought up. `openid`: who scans, for Native mode 1. */
export const ScanBody = z
  .strictObject({ codeUrl: given, prepayId: given, openid: given })
  .refine(nameOne, { error: 'give codeUrl or prepayId, one of them', path: ['codeUrl'] })

export const PayBody = z
  .strictObject({
    ...which,
    openid: z.string().min(1).max(128).optional(),
    couponFen: z.int().nonnegative().optional(),
    late: z.boolean().optional(),
    daysAgo: z.int().min(0).max(90).optional(),
  })
  .refine(nameOne, nameOneMessage)

export const FailBody = z
  .strictObject({ ...which, reason: z.enum(['wrong-password', 'no-funds']).default('wrong-password') })
  .refine(nameOne, nameOneMessage)

export const CancelBody = z.strictObject(which).refine(nameOne, nameOneMessage)

export const SigningBody = z
  .strictObject({
    mchid: z.string().min(1).optional(),
    mode: z.enum(['cert', 'mixed', 'pubkey']).optional(),
    share: z.number().min(0).max(1).optional(),
    probes: z.int().nonnegative().optional(),
  })
  .refine(({ mode, share, probes }) => mode !== undefined || share !== undefined || probes !== undefined, {
    error: 'give mode, share or probes',
    path: ['mode'],
  })

export const RotateBody = z.strictObject({ mchid: z.string().min(1).optional() })

export const ClockBody = z.strictObject({ advanceMs: z.int().nonnegative().max(longestAdvanceMs) })

export const TradesQuery = z.strictObject({
  outTradeNo: z.string().optional(),
  state: z.enum(['NOTPAY', 'SUCCESS', 'CLOSED', 'REFUND']).optional(),
})
export const NoticesQuery = z.strictObject({ outTradeNo: z.string().optional() })
const BillDate = z.string().transform((text, context) => {
  const day = text.includes('-') ? readDay(text) : undefined
  if (day) return day
  context.addIssue({ code: 'custom', message: 'give a date: yyyy-MM-dd' })
  return z.NEVER
})

export const BillQuery = z.strictObject({
  mchid: z.string().optional(),
  billDate: BillDate,
  type: z.enum([...tradeBillTypes, 'FUND-FLOW']).default('ALL'),
  format: z.enum(['jsonl', 'text']).default('jsonl'),
  protocol: Protocol.default('v3'),
})

export const SyntheticBody = z.strictObject({
  mchid: z.string().optional(),
  billDate: BillDate,
  rows: z.int().min(0).max(mostSyntheticRows),
  seed: z.int().min(0).max(99_999).default(0),
})

export const EmptyBody = z.strictObject({})

const Kind = z.custom<FaultKind>((value) => typeof value === 'string' && isFaultKind(value), {
  error: `unknown kind; known are ${Object.keys(faultKinds).join(', ')}`,
})

export const FaultBody = z
  .strictObject({
    on: z.enum([...targets, '*']),
    kind: Kind,
    outTradeNo: z.string().min(1).optional(),
    about: z.enum(['payment', 'refund']).optional(),
    nth: z.int().positive().optional(),
    times: z.int().positive().optional(),
    probability: z.number().min(0).max(1).optional(),
    seed: z.int().nonnegative().optional(),
    ms: z.int().max(86_400_000).min(-86_400_000).optional(),
    by: z.int().optional(),
    row: z.int().positive().optional(),
    copies: z.int().min(1).max(100).optional(),
    field: z
      .string()
      .regex(/^[A-Za-z_][\w.-]*$/)
      .optional(),
    value: z.string().optional(),
  })
  .superRefine((order, context) => {
    const { on, protocols, needs, takes } = describeKind(order.kind)
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (order.about !== undefined && order.on !== 'notice') problem('about', 'only notices are about a payment or a refund')
    if (order.on !== '*' && !on.includes(order.on)) problem('on', `${order.kind} works on ${on.join(', ')}`)
    const only = order.on === '*' ? undefined : protocolOf[order.on]
    if (only !== undefined && !protocols.includes(only)) problem('on', `${order.kind} is of ${protocols.join()}, which has no ${order.on}`)
    for (const name of parameters) {
      if (needs.includes(name) && order[name] === undefined) problem(name, `${order.kind} needs ${name}`)
      if (!needs.includes(name) && !takes.includes(name) && order[name] !== undefined) problem(name, `${order.kind} takes no ${name}`)
    }
  })
