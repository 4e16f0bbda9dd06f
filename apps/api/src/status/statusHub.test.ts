import { describe, expect, it, onTestFinished } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { CheckoutNotFoundError } from '../domain/errors.ts'
import type { Checkout } from '../domain/order.ts'
import { TooManyReadsError } from './readQueue.ts'
import { type ChangeHandlers, createStatusHub } from './statusHub.ts'

const never = new AbortController().signal
/** Longer than any test: a wait that ends, ended for another reason. */
const long = 600_000

function checkout(token: string, version: number): Checkout {
  const at = new Date('2026-03-01T04:00:00Z')
  return {
    order: {
      id: '1',
      token,
      orderNo: 'O1',
      amountFen: toFen(1),
      description: 'x',
      status: 'unpaid',
      closedReason: null,
      version,
      createdAt: at,
      paidAt: null,
      recordedAt: null,
      closedAt: null,
    },
    payments: [],
  }
}

/** A hub over a database in memory whose reads can be held back, one by one. */
function createTestHub({ maxWaiters = 10, up = true }: { maxWaiters?: number; up?: boolean } = {}) {
  const versions = new Map([['a', 1]])
  const held: (() => void)[] = []
  const reads: string[] = []
  let holding = false
  let broken = false
  let nowMs = 1_700_000_000_000
  let handlers: ChangeHandlers | undefined

  /** As a database does it: what is read is what was there when the statement ran, however late it arrives. */
  async function readCheckout(token: string): Promise<Checkout> {
    reads.push(token)
    const version = versions.get(token)
    if (broken) throw new Error('the database is away')
    if (version === undefined) throw new CheckoutNotFoundError(token)
    if (holding) await new Promise<void>((resolve) => held.push(resolve))
    return checkout(token, version)
  }

  const hub = createStatusHub({
    readCheckout,
    subscribe(given) {
      handlers = given
      return async () => undefined
    },
    clock: { now: () => new Date(nowMs) },
    maxWaiters,
    recheckMs: 5,
  })
  onTestFinished(() => hub.close())
  if (up) handlers?.onUp()

  return {
    hub,
    tell: () => handlers,
    set: (token: string, version: number) => versions.set(token, version),
    reads: () => reads.length,
    lastRead: () => reads.at(-1),
    hold: () => (holding = true),
    release() {
      holding = false
      for (const go of held.splice(0)) go()
    },
    releaseOne: () => held.shift()?.(),
    heldReads: () => held.length,
    breakReads: (on: boolean) => (broken = on),
    pass: (ms: number) => (nowMs += ms),
  }
}

const versionOf = async (answer: Promise<Checkout>) => (await answer).order.version

describe('the status hub', () => {
  it('reads an order once and answers from memory until it changes', async () => {
    const t = createTestHub()
    for (let i = 0; i < 5; i++) expect(await versionOf(t.hub.current('a'))).toBe(1)
    expect(t.reads()).toBe(1)
    t.set('a', 2)
    t.tell()?.onChange('a')
    expect(await versionOf(t.hub.current('a'))).toBe(2)
    expect(t.reads()).toBe(2)
  })

  it('lets many who ask at once share one read', async () => {
    const t = createTestHub()
    t.hold()
    const answers = Array.from({ length: 50 }, () => versionOf(t.hub.current('a')))
    await expect.poll(t.heldReads).toBe(1)
    t.release()
    expect(new Set(await Promise.all(answers))).toEqual(new Set([1]))
    expect(t.reads()).toBe(1)
  })

  it('does not keep what was read while a change came, nor share it with those who ask later', async () => {
    const t = createTestHub()
    t.hold()
    const before = versionOf(t.hub.current('a'))
    await expect.poll(t.heldReads).toBe(1)
    t.set('a', 2)
    t.tell()?.onChange('a')
    const after = versionOf(t.hub.current('a'))
    await expect.poll(t.heldReads).toBe(2)
    t.release()
    expect([await before, await after]).toEqual([1, 2])
    expect(await versionOf(t.hub.current('a'))).toBe(2)
  })

  it('does not sleep through a change that comes between the read and the wait', async () => {
    const t = createTestHub()
    t.hold()
    const answer = versionOf(t.hub.waitForChange('a', 1, long, never))
    await expect.poll(t.heldReads).toBe(1) // version 1 is read, and on its way
    t.set('a', 2)
    t.tell()?.onChange('a') // nobody is waiting yet
    t.release()
    expect(await answer).toBe(2)
  })

  it('answers everyone who waits for an order by one read, and nobody else', async () => {
    const t = createTestHub()
    t.set('b', 1)
    const answers = Array.from({ length: 5 }, () => versionOf(t.hub.waitForChange('a', 1, long, never)))
    const other = versionOf(t.hub.waitForChange('b', 1, long, never))
    await expect.poll(() => t.hub.waiterCount()).toBe(6)
    const reads = t.reads()
    t.set('a', 2)
    t.tell()?.onChange('a')
    expect(await Promise.all(answers)).toEqual([2, 2, 2, 2, 2])
    expect(t.reads()).toBe(reads + 1)
    expect(t.hub.waiterCount()).toBe(1)
    await t.hub.close()
    expect(await other).toBe(1)
  })

  it('keeps waiting when what changed is not visible', async () => {
    const t = createTestHub()
    const answer = versionOf(t.hub.waitForChange('a', 1, long, never))
    await expect.poll(() => t.hub.waiterCount()).toBe(1)
    t.tell()?.onChange('a')
    await expect.poll(t.reads).toBe(2)
    expect(t.hub.waiterCount()).toBe(1)
    t.set('a', 2)
    t.tell()?.onChange('a')
    expect(await answer).toBe(2)
  })

  it('answers with what is there when the wait is over', async () => {
    const t = createTestHub()
    expect(await versionOf(t.hub.waitForChange('a', 1, 1, never))).toBe(1)
    expect(t.hub.waiterCount()).toBe(0)
  })

  it('answers at once to another version, to no wait, and to a caller who has left', async () => {
    const t = createTestHub()
    expect(await versionOf(t.hub.waitForChange('a', 0, long, never))).toBe(1)
    expect(await versionOf(t.hub.waitForChange('a', 2, long, never))).toBe(1)
    expect(await versionOf(t.hub.waitForChange('a', 1, 0, never))).toBe(1)
    expect(await versionOf(t.hub.waitForChange('a', 1, long, AbortSignal.abort()))).toBe(1)
  })

  it('frees a waiter whose caller leaves', async () => {
    const t = createTestHub()
    const gone = new AbortController()
    const answer = t.hub.waitForChange('a', 1, long, gone.signal)
    await expect.poll(() => t.hub.waiterCount()).toBe(1)
    gone.abort()
    await answer
    expect(t.hub.waiterCount()).toBe(0)
  })

  it('R25 answers at once above the cap of waiters', async () => {
    const t = createTestHub({ maxWaiters: 2 })
    const waiting = [1, 2].map(() => t.hub.waitForChange('a', 1, long, never))
    await expect.poll(() => t.hub.waiterCount()).toBe(2)
    expect(await versionOf(t.hub.waitForChange('a', 1, long, never))).toBe(1)
    await t.hub.close()
    await Promise.all(waiting)
  })

  it('R26 answers every held poll when it closes, and holds none afterwards', async () => {
    const t = createTestHub()
    const answer = versionOf(t.hub.waitForChange('a', 1, long, never))
    await expect.poll(() => t.hub.waiterCount()).toBe(1)
    await t.hub.close()
    expect(await answer).toBe(1)
    expect(await versionOf(t.hub.waitForChange('a', 1, long, never))).toBe(1)
  })

  it('passes on that there is no such order, and tries again the next time', async () => {
    const t = createTestHub()
    await expect(t.hub.waitForChange('b', 1, long, never)).rejects.toThrow(CheckoutNotFoundError)
    t.set('b', 1)
    expect(await versionOf(t.hub.current('b'))).toBe(1)
  })

  it('R25 reads six orders at a time however many are asked for, refuses what would wait too long, and wakes those who wait first', async () => {
    const t = createTestHub()
    const answer = versionOf(t.hub.waitForChange('a', 1, long, never))
    await expect.poll(() => t.hub.waiterCount()).toBe(1)
    t.hold()
    const tokens = Array.from({ length: 10_006 }, (_, i) => `t${i}`)
    for (const token of tokens) t.set(token, 1)
    const asked = tokens.map((token) => versionOf(t.hub.current(token)))
    await expect(t.hub.current('one more')).rejects.toThrow(TooManyReadsError)
    expect(t.heldReads()).toBe(6)

    t.set('a', 2)
    t.tell()?.onChange('a')
    t.releaseOne()
    await expect.poll(t.reads).toBe(1 + 6 + 1)
    expect(t.lastRead()).toBe('a')
    t.release()
    expect(await answer).toBe(2)
    expect(new Set(await Promise.all(asked))).toEqual(new Set([1]))
  })

  it('R24 reads every answer from the database while nothing is heard', async () => {
    const t = createTestHub()
    await t.hub.current('a')
    t.tell()?.onDown()
    t.set('a', 2)
    expect(await versionOf(t.hub.current('a'))).toBe(2)
    t.set('a', 3)
    expect(await versionOf(t.hub.current('a'))).toBe(3)
  })

  it('R24 lets those who wait look for themselves while nothing is heard', async () => {
    const t = createTestHub({ up: false })
    const answer = versionOf(t.hub.waitForChange('a', 1, long, never))
    await expect.poll(() => t.hub.waiterCount()).toBe(1)
    t.set('a', 2)
    expect(await answer).toBe(2)
  })

  it('R24 wakes everyone and forgets everything when changes are heard again', async () => {
    const t = createTestHub()
    t.set('b', 1)
    await t.hub.current('b')
    const answer = versionOf(t.hub.waitForChange('a', 1, long, never))
    await expect.poll(() => t.hub.waiterCount()).toBe(1)
    t.set('a', 2) // and nobody is told
    t.set('b', 2)
    t.tell()?.onUp()
    expect(await answer).toBe(2)
    expect(await versionOf(t.hub.current('b'))).toBe(2)
  })

  it('R24 does not keep what was read before changes were heard again', async () => {
    const t = createTestHub({ up: false })
    t.hold()
    const before = versionOf(t.hub.current('a'))
    await expect.poll(t.heldReads).toBe(1)
    t.set('a', 2)
    t.tell()?.onUp()
    t.release()
    expect(await before).toBe(1)
    expect(await versionOf(t.hub.current('a'))).toBe(2)
  })

  it('looks again for those who wait when the read after a change fails', async () => {
    const t = createTestHub()
    const answer = versionOf(t.hub.waitForChange('a', 1, long, never))
    await expect.poll(() => t.hub.waiterCount()).toBe(1)
    t.set('a', 2)
    t.breakReads(true)
    t.tell()?.onChange('a')
    await expect.poll(t.reads).toBeGreaterThan(2)
    t.breakReads(false)
    expect(await answer).toBe(2)
  })

  it('names the orders that are waited for or were asked for in the last 30 s', async () => {
    const t = createTestHub()
    t.set('b', 1)
    const waiting = t.hub.waitForChange('a', 1, long, never)
    await t.hub.current('b')
    await expect(t.hub.current('nobody')).rejects.toThrow()
    expect(t.hub.watchedTokens().toSorted()).toEqual(['a', 'b'])
    t.pass(29_000)
    expect(t.hub.watchedTokens().toSorted()).toEqual(['a', 'b'])
    t.pass(2_000)
    expect(t.hub.watchedTokens()).toEqual(['a'])
    await t.hub.close()
    await waiting
  })
})
