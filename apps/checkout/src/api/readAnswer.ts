import type { CheckoutRefund, CheckoutStatus, CheckoutView, JsapiInvoke, ShopView } from 'wxpay-core/contract'
import { boolean, integer, isFields, list, names, nullable, oneOf, readFields, text, type Fields } from './readFields.ts'

// Records, so that a value added to the contract stops the build here.
const statuses = names<CheckoutStatus['status']>({ unpaid: 1, paid: 1, closed: 1 })
const attempts = names<NonNullable<CheckoutStatus['attempt']>>({ preparing: 1, pending: 1, closing: 1, closed: 1, refused: 1 })
const closedReasons = names<NonNullable<CheckoutStatus['closedReason']>>({ cancelled: 1, expired: 1 })
const problems = names<NonNullable<CheckoutStatus['problem']>['code']>({
  amount_mismatch: 1,
  paid_late: 1,
  paid_twice: 1,
  wechat_refused: 1,
})
const refundStates = names<CheckoutRefund['state']>({ pending: 1, done: 1, failed: 1 })
const refundedThings = names<CheckoutRefund['of']>({ order: 1, 'second-payment': 1, 'late-payment': 1 })
const tradeTypes = names<ShopView['tradeTypes'][number]>({ native: 1, jsapi: 1, h5: 1 })
const locales = names<ShopView['locale']>({ 'zh-CN': 1, en: 1 })

export function readStatus(answer: unknown): CheckoutStatus {
  const fields = readFields(answer, 'answer')
  return {
    status: oneOf(fields, 'status', statuses),
    confirming: boolean(fields, 'confirming'),
    attempt: nullable(fields, 'attempt', (from, name) => oneOf(from, name, attempts)),
    version: integer(fields, 'version'),
    remainingMs: nullable(fields, 'remainingMs', integer),
    paidAt: nullable(fields, 'paidAt', text),
    transactionId: nullable(fields, 'transactionId', text),
    closedReason: nullable(fields, 'closedReason', (from, name) => oneOf(from, name, closedReasons)),
    problem: nullable(fields, 'problem', (from, name) => ({ code: oneOf(readFields(from[name], name), 'code', problems) })),
    refunds: list(fields, 'refunds', readRefund),
  }
}

function readRefund(answer: unknown): CheckoutRefund {
  const fields = readFields(answer, 'refunds')
  return {
    amountFen: integer(fields, 'amountFen'),
    state: oneOf(fields, 'state', refundStates),
    of: oneOf(fields, 'of', refundedThings),
    at: text(fields, 'at'),
  }
}

export function readView(answer: unknown): CheckoutView {
  const fields = readFields(answer, 'answer')
  return {
    ...readStatus(fields),
    token: text(fields, 'token'),
    orderNo: text(fields, 'orderNo'),
    amountFen: integer(fields, 'amountFen'),
    description: text(fields, 'description'),
    tradeType: nullable(fields, 'tradeType', (from, name) => oneOf(from, name, tradeTypes)),
    action: nullable(fields, 'action', readAction),
  }
}

export function readShop(answer: unknown): ShopView {
  const fields = readFields(answer, 'answer')
  const limits = readFields(fields['limits'], 'limits')
  return {
    name: text(fields, 'name'),
    contact: nullable(fields, 'contact', text),
    locale: oneOf(fields, 'locale', locales),
    limits: { minAmountFen: integer(limits, 'minAmountFen'), maxAmountFen: integer(limits, 'maxAmountFen') },
    tradeTypes: list(fields, 'tradeTypes', (value) => oneOf({ tradeType: value }, 'tradeType', tradeTypes)),
  }
}

export interface ErrorAnswer {
  code: string
  requestId: string | null
  view: CheckoutView | null
}

/** The body of an error, or null when it is not one of ours (a proxy's page, for example). */
export function readError(answer: unknown): ErrorAnswer | null {
  if (!isFields(answer) || !isFields(answer['error'])) return null
  const { code, requestId } = answer['error']
  if (typeof code !== 'string') return null
  return {
    code,
    requestId: typeof requestId === 'string' ? requestId : null,
    view: isFields(answer['view']) ? readView(answer['view']) : null,
  }
}

function readAction(from: Fields, name: string): NonNullable<CheckoutView['action']> {
  const action = readFields(from[name], name)
  const tradeType = oneOf(action, 'tradeType', tradeTypes)
  switch (tradeType) {
    case 'native':
      return { tradeType, codeUrl: text(action, 'codeUrl') }
    case 'h5':
      return { tradeType, url: text(action, 'url') }
    case 'jsapi':
      return { tradeType, invoke: readInvoke(readFields(action['invoke'], 'invoke')) }
  }
}

function readInvoke(from: Fields): JsapiInvoke {
  return {
    appId: text(from, 'appId'),
    timeStamp: text(from, 'timeStamp'),
    nonceStr: text(from, 'nonceStr'),
    package: text(from, 'package'),
    signType: text(from, 'signType'),
    paySign: text(from, 'paySign'),
  }
}
