/*
 * What the API answers, read field by field: it is data from outside. The names are those of the HTTP contract; a test compares the types.
 */

/** What wx.requestPayment is given; `appId` is signed with the rest, but is no argument of the call. */
export interface JsapiInvoke {
  appId: string
  timeStamp: string
  nonceStr: string
  package: string
  signType: string
  paySign: string
}

/** Money that goes back to the payer. */
export interface Refund {
  amountFen: number
  state: 'pending' | 'done' | 'failed'
  /** What it was for: the order's own payment, or one that the order had no use for. */
  of: 'order' | 'second-payment' | 'late-payment'
  /** RFC 3339. */
  at: string
}

export interface OrderStatus {
  status: 'unpaid' | 'paid' | 'closed'
  /** WeChat says paid, its notice is not here yet: do not pay again. */
  confirming: boolean
  attempt: 'preparing' | 'pending' | 'closing' | 'closed' | 'refused' | null
  /** Rises with every visible change. */
  version: number
  /** What is left of the open attempt, in milliseconds; null without one. */
  remainingMs: number | null
  /** WeChat's time of payment, RFC 3339. */
  paidAt: string | null
  transactionId: string | null
  closedReason: 'cancelled' | 'expired' | null
  problem: 'amount_mismatch' | 'paid_late' | 'paid_twice' | 'wechat_refused' | null
  refunds: Refund[]
}

export interface Order extends OrderStatus {
  token: string
  orderNo: string
  amountFen: number
  description: string
  /** Of the open attempt; null when there is none yet, and for attempts of another trade type. */
  invoke: JsapiInvoke | null
}

export interface Shop {
  name: string
  contact: string | null
  limits: { minAmountFen: number; maxAmountFen: number }
}

export interface Login {
  token: string
}

export interface ErrorAnswer {
  code: string
  requestId: string | null
  /** A 409 about an order tells how the order stands. */
  order: Order | null
}

type Fields = Record<string, unknown>

const statuses = ['unpaid', 'paid', 'closed'] as const
const attempts = ['preparing', 'pending', 'closing', 'closed', 'refused'] as const
const closedReasons = ['cancelled', 'expired'] as const
const refundStates = ['pending', 'done', 'failed'] as const
const refundedThings = ['order', 'second-payment', 'late-payment'] as const
const problems = ['amount_mismatch', 'paid_late', 'paid_twice', 'wechat_refused'] as const

/** @throws {TypeError} naming the field that does not fit; so do the other readers */
export function readStatus(answer: unknown): OrderStatus {
  const fields = fieldsOf(answer, 'answer')
  return {
    status: oneOf(fields, 'status', statuses),
    confirming: flag(fields, 'confirming'),
    attempt: nullable(fields, 'attempt', (from, name) => oneOf(from, name, attempts)),
    version: whole(fields, 'version'),
    remainingMs: nullable(fields, 'remainingMs', whole),
    paidAt: nullable(fields, 'paidAt', text),
    transactionId: nullable(fields, 'transactionId', text),
    closedReason: nullable(fields, 'closedReason', (from, name) => oneOf(from, name, closedReasons)),
    problem: nullable(fields, 'problem', (from, name) => oneOf(fieldsOf(from[name], name), 'code', problems)),
    refunds: refundsOf(fields['refunds']),
  }
}

function refundsOf(value: unknown): Refund[] {
  if (!Array.isArray(value)) throw new TypeError('refunds')
  return value.map((refund: unknown) => {
    const fields = fieldsOf(refund, 'refunds')
    return {
      amountFen: whole(fields, 'amountFen'),
      state: oneOf(fields, 'state', refundStates),
      of: oneOf(fields, 'of', refundedThings),
      at: text(fields, 'at'),
    }
  })
}

export function readOrder(answer: unknown): Order {
  const fields = fieldsOf(answer, 'answer')
  return {
    ...readStatus(fields),
    token: text(fields, 'token'),
    orderNo: text(fields, 'orderNo'),
    amountFen: whole(fields, 'amountFen'),
    description: text(fields, 'description'),
    invoke: nullable(fields, 'action', readInvoke),
  }
}

export function readShop(answer: unknown): Shop {
  const fields = fieldsOf(answer, 'answer')
  const limits = fieldsOf(fields['limits'], 'limits')
  return {
    name: text(fields, 'name'),
    contact: nullable(fields, 'contact', text),
    limits: { minAmountFen: whole(limits, 'minAmountFen'), maxAmountFen: whole(limits, 'maxAmountFen') },
  }
}

export function readLogin(answer: unknown): Login {
  return { token: text(fieldsOf(answer, 'answer'), 'token') }
}

/** The body of an error, or null when it is not one of ours (a proxy's page, for example). */
export function readError(answer: unknown): ErrorAnswer | null {
  if (!isFields(answer) || !isFields(answer['error'])) return null
  const { code, requestId } = answer['error']
  if (typeof code !== 'string') return null
  return {
    code,
    requestId: typeof requestId === 'string' ? requestId : null,
    order: isFields(answer['view']) ? readOrder(answer['view']) : null,
  }
}

/** An attempt by a QR code or a link is nobody's here: a mini program can bring up its own kind only. */
function readInvoke(from: Fields, name: string): JsapiInvoke | null {
  const action = fieldsOf(from[name], name)
  if (text(action, 'tradeType') !== 'jsapi') return null
  const invoke = fieldsOf(action['invoke'], 'invoke')
  return {
    appId: text(invoke, 'appId'),
    timeStamp: text(invoke, 'timeStamp'),
    nonceStr: text(invoke, 'nonceStr'),
    package: text(invoke, 'package'),
    signType: text(invoke, 'signType'),
    paySign: text(invoke, 'paySign'),
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldsOf(value: unknown, name: string): Fields {
  if (!isFields(value)) throw new TypeError(name)
  return value
}

function text(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new TypeError(name)
  return value
}

function whole(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new TypeError(name)
  return value
}

function flag(fields: Fields, name: string): boolean {
  const value = fields[name]
  if (typeof value !== 'boolean') throw new TypeError(name)
  return value
}

function nullable<T>(fields: Fields, name: string, read: (fields: Fields, name: string) => T): T | null {
  return fields[name] === null ? null : read(fields, name)
}

function oneOf<Name extends string>(fields: Fields, name: string, names: readonly Name[]): Name {
  const found = names.find((known) => known === fields[name])
  if (found === undefined) throw new TypeError(name)
  return found
}
