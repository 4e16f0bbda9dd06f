import { randomUUID } from 'node:crypto'
import type { CheckoutView } from 'wxpay-core/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CheckoutNotFoundError, IdempotencyKeyReusedError } from '../../domain/errors.ts'
import type { SavedAnswer } from '../../storage/savedAnswer.ts'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { oncePerKey, type Ours } from './oncePerKey.ts'

let shop: TestShop
let view: CheckoutView
beforeAll(async () => {
  shop = await openTestShop()
  view = (await shop.open()).answer.view
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const answerOf = (status: SavedAnswer['status']): SavedAnswer => ({ status, errorCode: status === 409 ? 'order_not_payable' : null, view })

/** One kind of request under a key of its own; counts what is done. */
function request(finish: (ours: Ours<string>, time: number) => Promise<SavedAnswer> | SavedAnswer = () => answerOf(201)) {
  const made = { begun: 0, finished: 0, states: [] as string[] }
  const key = randomUUID()
  const send = (fingerprint = 'same', scope = 'POST /v1/checkouts') =>
    oncePerKey(shop.payments.store, {
      request: { scope, key, fingerprint },
      leaseMs: 40_000,
      begin: () => Promise.resolve(`begun ${(made.begun += 1)}`),
      finish: async (ours) => {
        made.states.push(ours.state)
        return finish(ours, (made.finished += 1))
      },
    })
  return { made, send }
}

describe('a request with an idempotency key', () => {
  it.each([201, 202, 409] as const)('R1 is carried out once and its answer replayed, also after a restart: %s', async (status) => {
    const { made, send } = request(() => answerOf(status))
    expect(await send()).toEqual({ answer: answerOf(status), replayed: false })
    expect(await send()).toEqual({ answer: answerOf(status), replayed: true })
    expect(made).toEqual({ begun: 1, finished: 1, states: ['new'] })
  })

  it('R1 is refused with other parameters, before and after it is answered, and carried out once', async () => {
    const { made, send } = request()
    const [first, other] = await Promise.allSettled([send('one'), send('two')])
    expect([first.status, other.status].toSorted()).toEqual(['fulfilled', 'rejected'])
    const winner = first.status === 'fulfilled' ? 'one' : 'two'
    await expect(send(winner === 'one' ? 'two' : 'one')).rejects.toThrow(IdempotencyKeyReusedError)
    expect(await send(winner)).toMatchObject({ replayed: true })
    expect(made.finished).toBe(1)
  })

  it('R1 is another request in another scope', async () => {
    const { made, send } = request()
    await send('same', 'POST /v1/checkouts')
    expect(await send('same', 'POST /v1/checkouts/:token/payments')).toMatchObject({ replayed: false })
    expect(made.finished).toBe(2)
  })

  it('R1 waits for an equal one that is under way, and gets its answer', async () => {
    let go: (() => void) | undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    const { made, send } = request(async () => {
      await gate
      return answerOf(201)
    })
    const all = Array.from({ length: 6 }, () => send())
    await expect.poll(() => made.finished).toBe(1)
    go?.()
    const answers = await Promise.all(all)
    expect(answers.map(({ answer }) => answer)).toEqual(Array.from({ length: 6 }, () => answerOf(201)))
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(made).toEqual({ begun: 1, finished: 1, states: ['new'] })
  })

  it('R1 that failed is not saved: the next one goes on at once with what was begun', async () => {
    const { made, send } = request((_ours, time) => {
      if (time === 1) throw new Error('the database is away')
      return answerOf(201)
    })
    await expect(send()).rejects.toThrow('the database is away')
    expect(await send()).toEqual({ answer: answerOf(201), replayed: false })
    expect(made).toEqual({ begun: 1, finished: 2, states: ['new', 'resumed'] })
  })

  it('R1 that a waiting one sees fail is carried out by exactly one of those that wait', async () => {
    const { made, send } = request((_ours, time) => {
      if (time === 1) throw new Error('the database is away')
      return answerOf(201)
    })
    const settled = await Promise.allSettled(Array.from({ length: 8 }, () => send()))
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(made.begun).toBe(1)
    expect(made.finished).toBe(2)
  })

  it('R1 whose process died is taken up after its lease, and not before', async () => {
    const key = randomUUID()
    const asked = { scope: 'POST /v1/checkouts', key, fingerprint: 'same' }
    const { orderId, id: paymentId } = await shop.last(view.token)
    await shop.abandonKey(asked, { orderId, paymentId })
    const states: unknown[] = []
    const send = () =>
      oncePerKey(shop.payments.store, {
        request: asked,
        leaseMs: 40_000,
        begin: () => Promise.reject(new Error('begun already')),
        finish: async (ours) => {
          states.push(ours)
          return answerOf(201)
        },
      })
    const waiting = send()
    await expect.poll(() => shop.keyIsBusy(asked)).toBe(true)
    shop.clock.advance(40_001)
    expect(await waiting).toMatchObject({ replayed: false })
    expect(states).toEqual([{ state: 'resumed', orderId, paymentId }])
  })

  it('R1 leaves no key when the transaction that begins it fails', async () => {
    const key = randomUUID()
    const send = (begin: () => Promise<string>) =>
      oncePerKey(shop.payments.store, {
        request: { scope: 'POST /v1/checkouts', key, fingerprint: 'same' },
        leaseMs: 40_000,
        begin,
        finish: async () => answerOf(201),
      })
    await expect(send(() => Promise.reject(new CheckoutNotFoundError('no')))).rejects.toThrow(CheckoutNotFoundError)
    expect(await shop.db.selectFrom('idempotency_keys').select('key').where('key', '=', key).execute()).toEqual([])
    expect(await send(() => Promise.resolve('begun'))).toMatchObject({ replayed: false })
  })
})
