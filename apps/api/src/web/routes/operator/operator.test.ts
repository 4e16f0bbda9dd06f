import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ErrorBody, errorTable, idempotencyReplayedHeader } from 'wxpay-core/contract'
import { toFen } from 'wxpay-core/money'
import type { BillCommands } from '../../../commands/billCommands.ts'
import type { Commands } from '../../../commands/commands.ts'
import type { OperatorReads } from '../../../commands/operatorReads.ts'
import { DiscrepancyResolvedError } from '../../../domain/billErrors.ts'
import type { CheckoutError } from '../../../domain/errors.ts'
import { IdempotencyKeyReusedError } from '../../../domain/errors.ts'
import type { RefundRecord } from '../../../domain/records.ts'
import type { Refund } from '../../../domain/refund.ts'
import {
  PaymentNotFoundError,
  PaymentNotPaidError,
  RefundExceedsPaymentError,
  RefundsNotEnabledError,
  RefundWindowOverError,
  TooManyRefundsError,
} from '../../../domain/refundErrors.ts'
import { now } from '../../../testing/shopInMemory.ts'
import { noRecords, startTestApp } from '../../../testing/testApp.ts'
import { cursorOf, type List } from '../../cursor.ts'

const operatorToken = 'a1'.repeat(32)
const outTradeNo = 'P20260301000001'

const refund: Refund = {
  id: '7',
  paymentId: '11',
  outRefundNo: 'R20260301000001',
  origin: 'operator',
  protocol: 'v2',
  refundFen: toFen(60),
  reason: '缺货',
  status: 'submitting',
  waitingFor: null,
  refundId: null,
  payerRefundFen: null,
  receivedAccount: null,
  refusal: null,
  createdAt: now,
  acceptedAt: null,
  succeededAt: null,
  recordedAt: null,
}
const record: RefundRecord = { refund, outTradeNo, orderNo: 'O20260301000001' }

interface Options {
  reads?: Partial<OperatorReads>
  requestRefund?: Commands['requestRefund']
  bills?: Partial<BillCommands>
  token?: string | null
}

/** Every read and every command is written down in `asked`. */
async function start({ reads = {}, requestRefund, bills = {}, token = operatorToken }: Options = {}) {
  const asked: unknown[] = []
  const noted = { ...noRecords, refund: async () => record, ...reads }
  const spied = new Proxy<OperatorReads>(noted, {
    get(target, name, receiver): unknown {
      const read: unknown = Reflect.get(target, name, receiver)
      if (typeof read !== 'function') return read
      return (wish: unknown): unknown => (asked.push({ [String(name)]: wish }), Reflect.apply(read, target, [wish]))
    },
  })
  const app = await startTestApp({
    ...(token !== null && { operatorToken: token }),
    commands: { requestRefund: requestRefund ?? (async () => ({ refund, replayed: false })) },
    deps: {
      reads: spied,
      bills: {
        requestBill: async (input) => (asked.push({ requestBill: input }), bills.requestBill?.(input)),
        resolveDiscrepancy: async (input) => (asked.push({ resolveDiscrepancy: input }), bills.resolveDiscrepancy?.(input)),
      },
    },
  })
  const headers = (extra: Record<string, string> = {}) => ({ authorization: `Bearer ${operatorToken}`, ...extra })
  return {
    ...app,
    asked,
    ask: (path: string, init: RequestInit = {}) => app.get(path, { ...init, headers: headers() }),
    send: (path: string, body: unknown, extra: Record<string, string> = {}) => app.post(path, body, { headers: headers(extra) }),
  }
}

async function errorOf(response: Response) {
  const { error } = ErrorBody.parse(await response.json())
  return {
    status: response.status,
    code: error.code,
    ...(error.problems && { params: [...new Set(error.problems.map(({ param }) => param))].toSorted() }),
  }
}

const addresses = [
  ['POST', `/v1/payments/${outTradeNo}/refunds`],
  ['GET', '/v1/refunds'],
  ['GET', '/v1/refunds/R1'],
  ['GET', '/v1/orders'],
  ['GET', '/v1/orders/O1'],
  ['GET', '/v1/events'],
  ['GET', '/v1/bills'],
  ['POST', '/v1/bills'],
  ['GET', '/v1/bills/1/file'],
  ['GET', '/v1/discrepancies'],
  ['POST', '/v1/discrepancies/1/resolve'],
] as const

describe('what is the operator’s', () => {
  it.each(addresses)('%s %s is refused without a token, with a wrong one, and by everybody while none is set', async (method, path) => {
    const body = method === 'POST' ? { body: '{"amountFen":1}' } : {}
    const set = await start()
    const unset = await start({ token: null })
    for (const [app, authorization] of [
      [set, ''],
      [set, `Bearer ${'b2'.repeat(32)}`],
      [set, operatorToken],
      [unset, `Bearer ${operatorToken}`],
    ] as const) {
      const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': 'k' }
      expect(await errorOf(await app.get(path, { method, headers, ...body }))).toEqual({ status: 401, code: 'operator_unknown' })
    }
    expect([...set.asked, ...set.calls, ...unset.asked, ...unset.calls]).toEqual([])
  })

  it('counts wrong tokens over all its addresses together', async () => {
    const { get, ask } = await start()
    for (let guess = 0; guess < 10; guess += 1) {
      const path = ['/v1/orders', '/v1/products', '/v1/refunds', '/v1/bills'][guess % 4] ?? ''
      expect((await get(path, { headers: { authorization: `Bearer guess${guess}` } })).status).toBe(401)
    }
    for (const path of ['/v1/events', '/v1/products']) expect((await ask(path)).status).toBe(429)
  })

  it.each([
    ['DELETE', '/v1/orders', 'GET, HEAD'],
    ['POST', '/v1/refunds', 'GET, HEAD'],
    ['GET', `/v1/payments/${outTradeNo}/refunds`, 'POST'],
    ['PUT', '/v1/bills', 'GET, HEAD, POST'],
    ['GET', '/v1/discrepancies/1/resolve', 'POST'],
  ])('%s %s gets 405', async (method, path, allow) => {
    const response = await (await start()).ask(path, { method })
    expect(response.headers.get('allow')).toBe(allow)
    expect(await errorOf(response)).toEqual({ status: 405, code: 'method_not_allowed' })
  })
})

describe('POST /v1/payments/:outTradeNo/refunds', () => {
  const path = `/v1/payments/${outTradeNo}/refunds`

  it('stores a refund and answers 202 with it', async () => {
    const { send, calls } = await start()
    const response = await send(path, { amountFen: 60, reason: '缺货' })
    expect([response.status, response.headers.get(idempotencyReplayedHeader)]).toEqual([202, null])
    expect(await response.json()).toEqual({
      outRefundNo: 'R20260301000001',
      refundId: null,
      outTradeNo,
      orderNo: 'O20260301000001',
      amountFen: 60,
      reason: '缺货',
      origin: 'operator',
      status: 'submitting',
      waitingFor: null,
      receivedAccount: null,
      refusal: null,
      createdAt: '2026-03-01T04:00:00.000Z',
      acceptedAt: null,
      succeededAt: null,
    })
    const scope = 'POST /v1/payments/:outTradeNo/refunds'
    expect(calls).toMatchObject([
      { name: 'requestRefund', input: { outTradeNo, amountFen: 60, reason: '缺货', source: 'operator', request: { scope, key: 'key-1' } } },
    ])
  })

  it('says that an equal request was answered before', async () => {
    const { send } = await start({ requestRefund: async () => ({ refund, replayed: true }) })
    const response = await send(path, { amountFen: 60 })
    expect([response.status, response.headers.get(idempotencyReplayedHeader)]).toEqual([202, 'true'])
  })

  it('tells requests apart by payment, amount and reason', async () => {
    const { send, calls } = await start()
    const bodies = [{ amountFen: 60 }, { amountFen: 61 }, { amountFen: 60, reason: 'x' }]
    for (const body of bodies) await send(path, body)
    await send('/v1/payments/P20260301000002/refunds', { amountFen: 60 })
    await send(path, { amountFen: 60 })
    const prints = calls.map(({ input }) => (input as { request: { fingerprint: string } }).request.fingerprint)
    expect(new Set(prints).size).toBe(4)
    expect(prints[4]).toBe(prints[0])
  })

  it.each<[new (message: string) => CheckoutError, number, string]>([
    [PaymentNotFoundError, 404, 'payment_not_found'],
    [PaymentNotPaidError, 409, 'payment_not_paid'],
    [RefundExceedsPaymentError, 409, 'refund_exceeds_payment'],
    [RefundWindowOverError, 409, 'refund_window_over'],
    [TooManyRefundsError, 409, 'too_many_refunds'],
    [RefundsNotEnabledError, 409, 'refunds_not_enabled'],
    [IdempotencyKeyReusedError, 422, 'idempotency_key_reused'],
  ])('answers %o with %i %s', async (Refusal, status, code) => {
    const { send } = await start({ requestRefund: () => Promise.reject(new Refusal('no')) })
    expect(await errorOf(await send(path, { amountFen: 60 }))).toEqual({ status, code })
  })

  it.each<[unknown, string[]]>([
    [{}, ['amountFen']],
    [{ amountFen: 0 }, ['amountFen']],
    [{ amountFen: -1 }, ['amountFen']],
    [{ amountFen: 1.5 }, ['amountFen']],
    [{ amountFen: '60' }, ['amountFen']],
    [{ amountFen: 1e300 }, ['amountFen']],
    [{ amountFen: 60, reason: '' }, ['reason']],
    [{ amountFen: 60, reason: '货'.repeat(27) }, ['reason']],
    [{ amountFen: 60, reason: 'a\nb' }, ['reason']],
    [{ amountFen: 60, reason: '🎁' }, ['reason']],
    [{ amountFen: 0, reason: '', outRefundNo: 'R1' }, ['amountFen', 'outRefundNo', 'reason']],
  ])('names all that is wrong with %j', async (body, params) => {
    const { send, calls } = await start()
    expect(await errorOf(await send(path, body))).toEqual({ status: 400, code: 'invalid_request', params })
    expect(calls).toEqual([])
  })

  it('takes a reason of 80 bytes', async () => {
    const { send } = await start()
    expect((await send(path, { amountFen: 60, reason: '货'.repeat(26) + 'ab' })).status).toBe(202)
  })

  it('names a missing key beside the rest, and alone by its own code', async () => {
    const { url, calls } = await start()
    const post = (body: string) =>
      fetch(url + path, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
      })
    expect(await errorOf(await post('{"amountFen":60}'))).toMatchObject({ status: 400, code: 'idempotency_key_missing' })
    expect(await errorOf(await post('{"amountFen":0}'))).toEqual({
      status: 400,
      code: 'invalid_request',
      params: ['amountFen', 'header.idempotency-key'],
    })
    expect(calls).toEqual([])
  })

  it.each(['a%26b%26c', 'short', '%E5%9B%BE', 'x'.repeat(33)])('finds no payment with the number %s', async (number) => {
    const { send, calls } = await start()
    expect(await errorOf(await send(`/v1/payments/${number}/refunds`, { amountFen: 1 }))).toEqual({
      status: 404,
      code: 'payment_not_found',
    })
    expect(calls).toEqual([])
  })

  it('takes no other body than JSON', async () => {
    const { send } = await start()
    expect(await errorOf(await send(path, '{"amountFen":', {}))).toEqual({ status: 400, code: 'invalid_json' })
    expect((await send(path, 'amountFen=60', { 'Content-Type': 'application/x-www-form-urlencoded' })).status).toBe(415)
    expect((await send(path, 'x'.repeat(20_000))).status).toBe(413)
  })
})

describe('lists', () => {
  const lists: [List, string][] = [
    ['orders', '/v1/orders'],
    ['refunds', '/v1/refunds'],
    ['events', '/v1/events'],
    ['bills', '/v1/bills'],
    ['discrepancies', '/v1/discrepancies'],
  ]

  it.each(lists)('%s: 50 of them from the newest on, or as many as asked for', async (list, path) => {
    const { ask, asked } = await start()
    expect(await (await ask(path)).json()).toEqual({ items: [], nextCursor: null })
    await ask(`${path}?limit=200`)
    expect(asked).toMatchObject([{ [list]: { limit: 50, from: null } }, { [list]: { limit: 200, from: null } }])
  })

  it.each(lists)('%s: go on from the cursor that they gave', async (list, path) => {
    const key = list === 'bills' ? '2026-03-01 12' : '12'
    const { ask, asked } = await start({ reads: { [list]: async () => ({ items: [], next: key }) } })
    const { nextCursor } = (await (await ask(path)).json()) as { nextCursor: string }
    expect(nextCursor).toMatch(/^[A-Za-z0-9_-]+$/)
    expect((await ask(`${path}?cursor=${nextCursor}`)).status).toBe(200)
    expect(asked.at(-1)).toMatchObject({ [list]: { from: key } })
  })

  it.each(lists)('%s: a cursor that is none of theirs is a 400', async (list, path) => {
    const { ask, asked } = await start()
    const others = lists.filter(([other]) => other !== list).map(([other]) => cursorOf({ list: other, key: '12' }))
    const made = (text: string) => Buffer.from(text).toString('base64url')
    const bad = [
      '',
      '12',
      'x'.repeat(200),
      'a%00b',
      made(list),
      made(`${list} `),
      made(`${list} -1`),
      made(`${list} 1 OR 1=1`),
      made(`${list} 1${'0'.repeat(18)}`),
      made('bills 2026-02-30 12'),
      made('__proto__ 12'),
    ]
    for (const cursor of [...others, ...bad])
      expect(await errorOf(await ask(`${path}?cursor=${cursor}`)), cursor).toEqual({
        status: 400,
        code: 'invalid_request',
        params: ['query.cursor'],
      })
    expect(asked).toEqual([])
  })

  it.each<[string, string[]]>([
    ['/v1/orders?limit=0&status=open&q=&cursor=x&page=2', ['query.cursor', 'query.limit', 'query.page', 'query.q', 'query.status']],
    [`/v1/orders?q=${'x'.repeat(65)}`, ['query.q']],
    ['/v1/orders?q=a&q=b', ['query.q']],
    ['/v1/refunds?status=paid&outTradeNo=x&limit=201', ['query.limit', 'query.outTradeNo', 'query.status']],
    ['/v1/events?after=x&type=A&limit=1.5', ['query.after', 'query.limit', 'query.type']],
    [`/v1/events?after=1&cursor=${cursorOf({ list: 'events', key: '1' })}`, ['query.after']],
    ['/v1/bills?kind=all&state=gone&billDate=2026-02-30', ['query.billDate', 'query.kind', 'query.state']],
    ['/v1/discrepancies?state=closed&class=odd&billDate=20260301', ['query.billDate', 'query.class', 'query.state']],
  ])('%s names its problems', async (path, params) => {
    const { ask, asked } = await start()
    expect(await errorOf(await ask(path))).toEqual({ status: 400, code: 'invalid_request', params })
    expect(asked).toEqual([])
  })

  it('pass their filters on', async () => {
    const { ask, asked } = await start()
    await ask('/v1/orders?status=paid&q=O2026')
    await ask(`/v1/refunds?status=needs-attention&outTradeNo=${outTradeNo}`)
    await ask('/v1/bills?kind=trade&state=set-aside&billDate=2026-03-01')
    await ask('/v1/discrepancies?state=open&class=fee-unexpected&billDate=2026-03-01')
    expect(asked).toMatchObject([
      { orders: { status: 'paid', q: 'O2026' } },
      { refunds: { status: 'needs-attention', outTradeNo } },
      { bills: { kind: 'trade', state: 'set-aside', billDate: '2026-03-01' } },
      { discrepancies: { state: 'open', class: 'fee-unexpected', billDate: '2026-03-01' } },
    ])
  })
})

describe('GET /v1/events', () => {
  it('goes forward after an event, and so do its cursors', async () => {
    const { ask, asked } = await start({ reads: { events: async () => ({ items: [], next: '30' }) } })
    const { nextCursor } = (await (await ask('/v1/events?after=12&type=payment.paid_late')).json()) as { nextCursor: string }
    await ask(`/v1/events?cursor=${nextCursor}&type=payment.paid_late`)
    expect(asked).toMatchObject([
      { events: { first: 'oldest', from: '12', type: 'payment.paid_late' } },
      { events: { first: 'oldest', from: '30', type: 'payment.paid_late' } },
    ])
  })

  it('goes back without one', async () => {
    const { ask, asked } = await start({ reads: { events: async () => ({ items: [], next: '30' }) } })
    const { nextCursor } = (await (await ask('/v1/events')).json()) as { nextCursor: string }
    await ask(`/v1/events?cursor=${nextCursor}`)
    expect(asked).toMatchObject([{ events: { first: 'newest', from: null } }, { events: { first: 'newest', from: '30' } }])
  })
})

describe('single records', () => {
  it.each([
    ['/v1/orders/O1', 'order_not_found'],
    ['/v1/orders/%00', 'order_not_found'],
    ['/v1/orders/..%2Fx', 'order_not_found'],
    [`/v1/orders/${'x'.repeat(65)}`, 'order_not_found'],
    ['/v1/refunds/%E5%9B%BE', 'refund_not_found'],
    ['/v1/bills/12/file', 'bill_not_found'],
    ['/v1/bills/x/file', 'bill_not_found'],
    [`/v1/bills/${'1'.repeat(19)}/file`, 'bill_not_found'],
  ])('%s gets 404 %s', async (path, code) => {
    expect(await errorOf(await (await start()).ask(path))).toEqual({ status: 404, code })
  })

  it('a refund that is not there gets 404', async () => {
    const { ask } = await start({ reads: { refund: noRecords.refund } })
    expect(await errorOf(await ask('/v1/refunds/R1'))).toEqual({ status: 404, code: 'refund_not_found' })
  })
})

describe('POST /v1/bills', () => {
  it('has the bills of a day fetched and answers 202 with them', async () => {
    const { send, asked } = await start()
    const response = await send('/v1/bills', { billDate: '2026-02-28' })
    expect([response.status, await response.json()]).toEqual([202, { items: [], nextCursor: null }])
    expect(asked).toMatchObject([{ requestBill: { billDate: '2026-02-28' } }, { bills: { billDate: '2026-02-28' } }])
  })

  it.each<[unknown, string[]]>([
    [{}, ['billDate']],
    [{ billDate: '2026-02-30' }, ['billDate']],
    [{ billDate: '20260228' }, ['billDate']],
    [{ billDate: 20260228 }, ['billDate']],
    [{ billDate: null, kind: 'trade' }, ['billDate', 'kind']],
  ])('names what is wrong with %j', async (body, params) => {
    const { send, asked } = await start()
    expect(await errorOf(await send('/v1/bills', body))).toEqual({ status: 400, code: 'invalid_request', params })
    expect(asked).toEqual([])
  })
})

describe('GET /v1/bills/:billId/file', () => {
  const zipped = gzipSync('`交易时间`,`公众账号ID`\n'.repeat(1000))
  const file = (pieces: () => AsyncGenerator<Buffer>): Pick<OperatorReads, 'billFile'> => ({
    billFile: async () => ({ bill: { kind: 'trade', billDate: '2026-02-28' }, bytes: zipped.length, pieces }),
  })

  it('gives WeChat’s file as it came, gzipped, piece by piece', async () => {
    const { ask } = await start({
      reads: file(async function* () {
        yield zipped.subarray(0, 40)
        yield zipped.subarray(40)
      }),
    })
    const response = await ask('/v1/bills/12/file')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/gzip',
      'content-length': String(zipped.length),
      'content-disposition': 'attachment; filename="trade-2026-02-28.csv.gz"',
    })
    expect(Buffer.from(await response.arrayBuffer()).equals(zipped)).toBe(true)
  })

  it('breaks off when the file does, and does not look whole', async () => {
    const { ask } = await start({
      reads: file(async function* () {
        yield zipped.subarray(0, 40)
        throw new Error('the database went away')
      }),
    })
    const read = async () => (await ask('/v1/bills/12/file')).arrayBuffer()
    await expect(read()).rejects.toThrow()
  })
})

describe('POST /v1/discrepancies/:discrepancyId/resolve', () => {
  const discrepancy = {
    id: '3',
    billId: '12',
    billDate: '2026-02-28',
    class: 'fee-unexpected',
    state: 'resolved',
    number: '42',
    paymentId: '11',
    refundId: null,
    outTradeNo,
    outRefundNo: null,
    transactionId: '42',
    oursFen: 1,
    theirsFen: 2,
    detail: 'x',
    openedAt: now,
    resolvedAt: now,
    resolver: 'operator',
    reason: 'a new rate',
  } as const

  it('notes why it is settled', async () => {
    const { send, asked } = await start({ reads: { discrepancy: async () => discrepancy } })
    const response = await send('/v1/discrepancies/3/resolve', { reason: ' a new rate ' })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ discrepancyId: '3', state: 'resolved', resolver: 'operator', reason: 'a new rate' })
    expect(asked[0]).toEqual({ resolveDiscrepancy: { id: '3', reason: 'a new rate' } })
  })

  it.each<[unknown, string[]]>([
    [{}, ['reason']],
    [{ reason: '  ' }, ['reason']],
    [{ reason: 'x'.repeat(501) }, ['reason']],
    [{ reason: 1, state: 'resolved' }, ['reason', 'state']],
  ])('names what is wrong with %j', async (body, params) => {
    const { send, asked } = await start()
    expect(await errorOf(await send('/v1/discrepancies/3/resolve', body))).toEqual({ status: 400, code: 'invalid_request', params })
    expect(asked).toEqual([])
  })

  it('refuses one that is settled, and knows no other numbers', async () => {
    const { send } = await start({ bills: { resolveDiscrepancy: () => Promise.reject(new DiscrepancyResolvedError('settled')) } })
    expect(await errorOf(await send('/v1/discrepancies/3/resolve', { reason: 'x' }))).toMatchObject({ code: 'discrepancy_resolved' })
    expect(await errorOf(await send('/v1/discrepancies/x/resolve', { reason: 'x' }))).toMatchObject({ code: 'discrepancy_not_found' })
    expect(errorTable.discrepancy_resolved.status).toBe(409)
  })
})
