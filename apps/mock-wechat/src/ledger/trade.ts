import { z } from 'zod'

export const Protocol = z.enum(['v2', 'v3'])
export type Protocol = z.infer<typeof Protocol>

/** WeChat's words: a code on a screen, a page or mini program inside WeChat, a phone's browser outside it. */
export const TradeType = z.enum(['NATIVE', 'JSAPI', 'MWEB'])
export type TradeType = z.infer<typeof TradeType>

/** WeChat's side of one order number. Times are milliseconds on the virtual clock unless they say otherwise. */
export const Trade = z.object({
  /** The one it was created with: its notices speak the same. Journals from before v3 do not name it. */
  protocol: Protocol.default('v2'),
  mchid: z.string(),
  appid: z.string(),
  outTradeNo: z.string(),
  tradeType: TradeType,
  totalFen: z.int().positive(),
  description: z.string(),
  attach: z.string().nullable(),
  deviceInfo: z.string().nullable(),
  /** v2: the merchant's own, of the create: notices echo it. */
  nonce: z.string().nullable(),
  /** v2: of the create: notices are signed with it. */
  signType: z.enum(['MD5', 'HMAC-SHA256']).nullable(),
  notifyUrl: z.string(),
  /** Every parameter of the create (v2: but nonce_str, sign and sign_type) as text, by name: a repeat must bring the same ones. */
  parameters: z.record(z.string(), z.string()),
  /** JSAPI: who may pay. Journals from before JSAPI do not name it. */
  payerOpenid: z.string().nullable().default(null),
  /** The payer's address as the merchant told it; MWEB may be bound to it. */
  payerIp: z.string().nullable().default(null),
  prepayId: z.string(),
  /** NATIVE only. */
  codeUrl: z.string().nullable(),
  createdAt: z.number(),
  expiresAt: z.number(),
  /** Of what the payer's device was given: code, prepay id or H5 address. */
  codeExpiresAt: z.number(),
  closedAt: z.number().nullable(),
  /** Wrong passwords, empty purses, and payers who left. WeChat tells the merchant nothing of these. */
  declines: z.array(z.object({ at: z.number(), reason: z.enum(['wrong-password', 'no-funds', 'cancelled']) })),
  payment: z
    .object({
      transactionId: z.string(),
      openid: z.string(),
      bankType: z.string(),
      couponFen: z.int().nonnegative(),
      couponId: z.string().nullable(),
      paidAt: z.number(),
      /** What `time_end` and `success_time` say: real time, unless MOCK_TRADE_TIMES or a payment of other days says otherwise. */
      realPaidAt: z.number(),
    })
    .nullable(),
})
export type Trade = z.infer<typeof Trade>
export type TradePayment = NonNullable<Trade['payment']>
export type DeclineReason = Trade['declines'][number]['reason']

/** Codes and prepay ids serve for two hours, an H5 address for five minutes; then only a repeated create brings a new one (unifiedorder: code_url, prepay_id, mweb_url). */
export const codeLifeMs: Record<TradeType, number> = { NATIVE: 2 * 3_600_000, JSAPI: 2 * 3_600_000, MWEB: 5 * 60_000 }
/** Without `time_expire`. Our choice: WeChat's v2 pages do not say. */
export const defaultLifeMs = 7 * 86_400_000

/** `expired` is a matter of time, not a transition: an unpaid, never closed trade whose time is over. */
export type Standing = 'open' | 'expired' | 'paid' | 'closed'

export function standing(trade: Trade, now: number): Standing {
  if (trade.payment) return 'paid'
  if (trade.closedAt !== null) return 'closed'
  return now >= trade.expiresAt ? 'expired' : 'open'
}

export type Transition = { ok: true; trade: Trade } | { ok: false; standing: Exclude<Standing, 'open'> }

/** `late`: the payer confirmed in time and the bank took long; such money comes although the trade was closed or is over. */
export function payTrade(trade: Trade, payment: TradePayment, { late = false }: { late?: boolean } = {}): Transition {
  const now = standing(trade, payment.paidAt)
  if (now !== 'open' && (now === 'paid' || !late)) return { ok: false, standing: now }
  if (payment.couponFen > trade.totalFen) throw new RangeError('a coupon cannot be worth more than the trade')
  return { ok: true, trade: { ...trade, payment } }
}

/** An expired trade can still be closed by name: it only makes the end explicit. */
export function closeTrade(trade: Trade, at: number): Transition {
  const now = standing(trade, at)
  if (now === 'paid' || now === 'closed') return { ok: false, standing: now }
  return { ok: true, trade: { ...trade, closedAt: at } }
}

export function declineTrade(trade: Trade, reason: DeclineReason, at: number): Transition {
  const now = standing(trade, at)
  if (now !== 'open') return { ok: false, standing: now }
  return { ok: true, trade: { ...trade, declines: [...trade.declines, { at, reason }] } }
}

export type TradeState = 'NOTPAY' | 'SUCCESS' | 'CLOSED' | 'REFUND'

/** WeChat's word for where a trade stands. `REFUND` was paid too. */
export function tradeState(
  trade: Trade,
  now: number,
  { expiredState, refunded }: { expiredState: 'CLOSED' | 'NOTPAY'; refunded: boolean },
): TradeState {
  const states = { open: 'NOTPAY', paid: refunded ? 'REFUND' : 'SUCCESS', closed: 'CLOSED', expired: expiredState } as const
  return states[standing(trade, now)]
}

/** `cash_fee`: what left the payer's pocket. */
export const cashFen = (trade: Trade, payment: TradePayment): number => trade.totalFen - payment.couponFen
