import { describe, expect, it } from 'vitest'
import { aPayment, anOrder } from '../testing/shopInMemory.ts'
import { createSnapshots } from './snapshots.ts'

/** Snapshots of an order whose version is the number of the read. */
function createTestSnapshots() {
  let nowMs = 5_000
  let reads = 0
  const snapshots = createSnapshots({
    readCheckout: async (token) => ({ order: anOrder({ token, version: ++reads }), payments: [aPayment()] }),
    monotonicMs: () => nowMs,
  })
  return {
    snapshots,
    versionNow: async () => (await snapshots.read('a')).order.version,
    pass: (ms: number) => (nowMs += ms),
  }
}

describe('snapshots', () => {
  it('R24 are a minute old at most, also when no change is told', async () => {
    const { snapshots, versionNow, pass } = createTestSnapshots()
    snapshots.setKeeping(true)
    expect(await versionNow()).toBe(1)
    pass(59_999)
    expect(await versionNow()).toBe(1)
    pass(2)
    expect(await versionNow()).toBe(2)
  })

  it('are read again for someone who knows more, but not for each of many at once', async () => {
    const { snapshots, pass } = createTestSnapshots()
    snapshots.setKeeping(true)
    await snapshots.read('a')
    expect((await snapshots.readAtLeast('a', 7)).order.version).toBe(1)
    pass(101)
    expect((await snapshots.readAtLeast('a', 7)).order.version).toBe(2)
    expect((await snapshots.readAtLeast('a', 7)).order.version).toBe(2)
  })
})
