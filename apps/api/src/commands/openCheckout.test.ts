import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IdempotencyKeyReusedError, TooManyCheckoutsError } from '../domain/errors.ts'
import { preparePayment } from '../jobs/tasks/preparePayment.ts'
import type { Course } from '../testing/fakeWechat.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { cancelOrder } from './cancelOrder.ts'
import { recordNotice } from './recordNotice.ts'

describe('opening a checkout', () => {
  let shop: TestShop
  beforeEach(async () => {
    shop = await openTestShop()
  })
  afterEach(() => shop.close())

  it('stores the order, creates it at WeChat and answers with the code', async () => {
    const { answer, replayed } = await shop.open()
    expect(replayed).toBe(false)
    expect(answer).toMatchObject({ status: 201, view: { status: 'unpaid', attempt: 'pending', amountFen: 100, remainingMs: 300_000 } })
    expect(answer.view.action).toEqual({ tradeType: 'native', codeUrl: expect.stringMatching(/^weixin:/) })
  })

  it('R1 makes one order and one call to WeChat of 50 equal requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => shop.open('the-one-key')))
    expect(new Set(answers.map(({ answer }) => answer.view.token)).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(shop.wechat.callsOf('prepay')).toBe(1)
    expect(await shop.db.selectFrom('orders').select('id').execute()).toHaveLength(1)
  })

  it('R1 refuses the same key with other parameters and stores nothing', async () => {
    await shop.open('the-one-key', 100)
    await expect(shop.open('the-one-key', 101)).rejects.toThrow(IdempotencyKeyReusedError)
    expect(await shop.db.selectFrom('orders').select('id').execute()).toHaveLength(1)
  })

  it('R1 goes on with the same order when the first try died between storing and calling', async () => {
    let die = true
    shop.wechat.during.prepay = () => {
      if (die) throw new Error('the process is gone')
      return 'answer'
    }
    await expect(shop.open('the-one-key')).rejects.toThrow('the process is gone')
    die = false
    shop.clock.advance(10_001)
    const { answer } = await shop.open('the-one-key')
    expect(answer.view.attempt).toBe('pending')
    expect(await shop.db.selectFrom('payments').select('id').execute()).toHaveLength(1)
  })

  it('R1 replays the saved answer with the time that is left by then, never below zero', async () => {
    const first = await shop.open('the-one-key')
    shop.clock.advance(100_000)
    const { answer, replayed } = await shop.open('the-one-key')
    expect(replayed).toBe(true)
    expect(answer).toEqual({ ...first.answer, view: { ...first.answer.view, remainingMs: 200_000 } })
    shop.clock.advance(1_000_000)
    expect((await shop.open('the-one-key')).answer.view.remainingMs).toBe(0)
  })

  it('R2 stores the number before WeChat is called, and repeats the very same request', async () => {
    const sent: unknown[] = []
    shop.wechat.during.prepay = async (outTradeNo) => {
      const row = await shop.db
        .selectFrom('payments')
        .select(['request', 'status'])
        .where('out_trade_no', '=', outTradeNo)
        .executeTakeFirstOrThrow()
      expect(row.status).toBe('preparing')
      sent.push(row.request)
      return sent.length === 1 ? 'lose-after' : 'answer'
    }
    const { answer } = await shop.open()
    expect(answer.view).toMatchObject({ attempt: 'preparing', action: null, remainingMs: null })
    const { outTradeNo } = await shop.last(answer.view.token)
    shop.clock.advance(12_000)
    await preparePayment(shop.tasks, { outTradeNo })
    expect(sent[1]).toEqual(sent[0])
    expect(await shop.last(answer.view.token)).toMatchObject({ status: 'pending', outTradeNo })
  })

  it('R2 sends one create at a time for a payment, however many ask for it', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { answer } = await shop.open()
    const { outTradeNo } = await shop.last(answer.view.token)
    let inside = 0
    let most = 0
    shop.wechat.during.prepay = async (): Promise<Course> => {
      most = Math.max(most, ++inside)
      await shop.db.selectFrom('orders').select('id').execute()
      inside -= 1
      return 'lose-before'
    }
    shop.clock.advance(12_000)
    await Promise.all(Array.from({ length: 8 }, () => preparePayment(shop.tasks, { outTradeNo })))
    expect(most).toBe(1)
  })

  it('R3 keeps paid what a notice made paid before the answer to the create', async () => {
    shop.wechat.after.prepay = async (outTradeNo) => {
      expect(await recordNotice(shop.payments, shop.wechat.pay(outTradeNo))).toBe('applied')
    }
    const { answer } = await shop.open()
    expect(answer.view).toMatchObject({ status: 'paid', attempt: null, action: null })
    expect(await shop.last(answer.view.token)).toMatchObject({ status: 'paid', action: null })
  })

  it('R3 drops the code of a create that was cancelled meanwhile, and closes it at WeChat', async () => {
    shop.wechat.during.prepay = async (): Promise<Course> => {
      const order = await shop.db.selectFrom('orders').select('token').executeTakeFirstOrThrow()
      const { outcome } = await cancelOrder(shop.payments, { token: order.token })
      expect(outcome).toBe('closing')
      return 'answer'
    }
    const { answer } = await shop.open()
    expect(answer.view).toMatchObject({ attempt: 'closing', action: null })
    expect(await shop.eventTypes(answer.view.token)).toContain('payment.code_dropped')
    const { outTradeNo } = await shop.last(answer.view.token)
    expect(await shop.nextTurn(outTradeNo, 'close')).toEqual(shop.clock.now())
  })

  it.each(['insert into "orders"', 'insert into "payments"', 'insert into "events"', 'update "idempotency_keys"'])(
    'R1 leaves nothing, and calls nobody, when storing fails at: %s',
    async (statement) => {
      await expect(shop.openFailingAt(statement)).rejects.toThrow('the database is gone')
      for (const table of ['orders', 'payments', 'events', 'idempotency_keys'] as const) {
        expect(await shop.db.selectFrom(table).selectAll().execute()).toEqual([])
      }
      expect(shop.wechat.calls).toEqual([])
    },
  )

  it('answers 201 with the problem when WeChat finally refuses', async () => {
    shop.wechat.refuseWith = { code: 'NOAUTH', description: '商户号该产品权限未开通' }
    const { answer } = await shop.open()
    expect(answer).toMatchObject({ status: 201, view: { attempt: 'refused', action: null, problem: { code: 'wechat_refused' } } })
  })

  it('R25 limits how many checkouts an address may open in a minute, and how many may be open', async () => {
    await shop.close()
    shop = await openTestShop({ limits: { createPerMinute: 3, openOrdersPerAddress: 4 } })
    for (let i = 0; i < 3; i += 1) await shop.open()
    await expect(shop.open()).rejects.toMatchObject({ code: 'too_many_requests' })
    shop.clock.advance(61_000)
    await shop.open()
    await expect(shop.open()).rejects.toThrow(TooManyCheckoutsError)
    await expect(shop.open()).rejects.toMatchObject({ code: 'too_many_open_orders' })
    expect(await shop.db.selectFrom('orders').select('id').execute()).toHaveLength(4)
    expect(await shop.db.selectFrom('idempotency_keys').select('key').execute()).toHaveLength(4)
  })
})
