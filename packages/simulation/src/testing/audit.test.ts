import { describe, expect, it } from 'vitest'
import { audit } from './audit.ts'
import type { Books } from './books.ts'
import type { Diary } from './shoppers.ts'

type Tampered = { books?: (books: Books) => Partial<Books>; diary?: Partial<Diary> }

/** One order, refreshed once and paid, as both sides should have it. */
function rightBooks(): Books {
  const sent = { status: 200, body: '<xml><return_code>SUCCESS</return_code></xml>', error: null, faults: [] }
  const event = { order_id: '1', source: 'api', code: null }
  return {
    orders: [{ id: '1', token: 'token', amount_fen: 100, status: 'paid', closed_reason: null }],
    payments: [
      {
        id: '1',
        order_id: '1',
        out_trade_no: 'A',
        total_fen: 100,
        status: 'closed',
        anomalies: [],
        transaction_id: null,
        confirming: false,
      },
      { id: '2', order_id: '1', out_trade_no: 'B', total_fen: 100, status: 'paid', anomalies: [], transaction_id: 'T', confirming: false },
    ],
    notices: [{ out_trade_no: 'B', transaction_id: 'T', deliveries: 1, outcome: 'applied' }],
    events: [
      { ...event, payment_id: '1', type: 'order.opened' },
      { ...event, payment_id: '1', type: 'payment.pending' },
      { ...event, payment_id: '1', type: 'payment.closing' },
      { ...event, payment_id: '1', type: 'payment.closed' },
      { ...event, payment_id: '2', type: 'payment.started' },
      { ...event, payment_id: '2', type: 'payment.pending' },
      { ...event, payment_id: '2', type: 'payment.paid', source: 'notice' },
      { ...event, payment_id: null, type: 'order.paid', source: 'notice' },
    ],
    keys: [{ scope: 'POST /v1/checkouts', key: 'key', order_id: '1', token: 'token' }],
    trades: [
      { outTradeNo: 'A', state: 'CLOSED', amountFen: 100, transactionId: null, wasClosed: true, expired: false },
      { outTradeNo: 'B', state: 'SUCCESS', amountFen: 100, transactionId: 'T', wasClosed: false, expired: false },
    ],
    mockNotices: [{ protocol: 'v2', outTradeNo: 'B', transactionId: 'T', state: 'acknowledged', attempts: [sent], nextAttemptAt: null }],
  }
}

const noContent = { status: 204, body: '', error: null, faults: [] }

const diary: Diary = {
  story: 'pays',
  key: 'key',
  amountFen: 100,
  token: 'token',
  cancelled: false,
  sawPaid: true,
  phonePaid: true,
  version: 3,
  stepsBack: 0,
}

function problemsOf({ books, diary: changed }: Tampered): string {
  const right = rightBooks()
  return audit({ ...right, ...books?.(right) }, [{ ...diary, ...changed }], 'notice').join('; ')
}

const changed = <T>(items: readonly T[], index: number, change: Partial<T>): T[] =>
  items.map((item, at) => (at === index ? { ...item, ...change } : item))

describe('the audit', () => {
  it('has nothing to say about books that agree', () => {
    expect(problemsOf({})).toBe('')
  })

  it.each<[string, RegExp, Tampered]>([
    [
      'money that we have not booked',
      /paid at WeChat and pending/,
      { books: ({ payments }) => ({ payments: changed(payments, 1, { status: 'pending' }) }) },
    ],
    [
      'money that WeChat does not have',
      /has no money for it/,
      { books: ({ trades }) => ({ trades: changed(trades, 1, { state: 'CLOSED' }) }) },
    ],
    ['another amount', /other money/, { books: ({ trades }) => ({ trades: changed(trades, 1, { amountFen: 101 }) }) }],
    ['a trade that we never stored', /never stored/, { books: ({ payments }) => ({ payments: payments.slice(1) }) }],
    [
      'money that is booked twice',
      /stands on 2 payments/,
      { books: ({ payments }) => ({ payments: changed(payments, 0, { transaction_id: 'T' }) }) },
    ],
    [
      'two paid attempts without a flag',
      /paid twice/,
      { books: ({ payments }) => ({ payments: changed(payments, 0, { status: 'paid' }) }) },
    ],
    ['a payment that is stuck', /still closing/, { books: ({ payments }) => ({ payments: changed(payments, 0, { status: 'closing' }) }) }],
    [
      'an order that is closed although it was paid',
      /is closed with/,
      { books: ({ orders }) => ({ orders: changed(orders, 0, { status: 'closed', closed_reason: 'expired' }) }) },
    ],
    [
      'a closed payment that WeChat would still take',
      /payable at WeChat/,
      { books: ({ trades }) => ({ trades: changed(trades, 0, { wasClosed: false }) }) },
    ],
    ['an acknowledged notice that is gone', /acknowledged and is lost/, { books: () => ({ notices: [] }) }],
    [
      'one of v3, which was acknowledged by its status alone',
      /acknowledged and is lost/,
      { books: ({ mockNotices }) => ({ notices: [], mockNotices: changed(mockNotices, 0, { protocol: 'v3', attempts: [noContent] }) }) },
    ],
    [
      'a notice that nobody took',
      /is waiting/,
      { books: ({ mockNotices }) => ({ mockNotices: changed(mockNotices, 0, { state: 'waiting' }) }) },
    ],
    [
      'a key that made two orders',
      /keys made 2 orders/,
      { books: ({ orders }) => ({ orders: [...orders, ...changed(orders, 0, { id: '2' })] }) },
    ],
    ['a history that says something else', /events say/, { books: ({ events }) => ({ events: events.slice(0, -1) }) }],
    [
      'a payment that became paid twice',
      /became paid 2 times/,
      { books: ({ events }) => ({ events: [...events, ...events.slice(6, 7)] }) },
    ],
    [
      'a payment that a query has paid',
      /was paid by query/,
      { books: ({ events }) => ({ events: changed(events, 6, { source: 'query' }) }) },
    ],
    ['a cancel that was answered and is paid', /answered as cancelled and is paid/, { diary: { cancelled: true } }],
    ['a version that went back', /version went back/, { diary: { stepsBack: 1 } }],
  ])('finds %s', (_what, problem, tampered) => {
    expect(problemsOf(tampered)).toMatch(problem)
  })
})
