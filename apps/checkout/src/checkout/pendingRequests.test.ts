import { describe, expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { memoryOf } from '../support/storage.ts'
import { pendingRequests } from './pendingRequests.ts'

/** One tab: every page load in it sees the same memory. */
function openTab() {
  const memory = memoryOf(() => {
    throw new Error('storage is off')
  })
  let made = 0
  return () => pendingRequests(memory, () => `key-${++made}`)
}

describe('requests without an answer', () => {
  it('keep their key and amount over a reload', () => {
    const load = openTab()
    load().beginOpening(toFen(1250))
    expect(load().opening()).toEqual({ key: 'key-1', amountFen: 1250 })
  })

  it('are forgotten once answered', () => {
    const load = openTab()
    load().beginOpening(toFen(1250))
    load().endOpening()
    expect(load().opening()).toBeNull()
  })

  it('ask for a new code with the same key until it is answered, then with another', () => {
    const load = openTab()
    expect(load().renewalKey('token')).toBe('key-1')
    expect(load().renewalKey('token')).toBe('key-1')
    expect(load().isRenewing('token')).toBe(true)
    expect(load().isRenewing('other')).toBe(false)
    load().endRenewal('token')
    expect(load().isRenewing('token')).toBe(false)
    expect(load().renewalKey('token')).toBe('key-2')
  })

  it.each(['', 'key-only', 'key twelve'])('ignore what is not theirs: %o', (stored) => {
    const memory = memoryOf(() => {
      throw new Error('storage is off')
    })
    memory.write('wxpay-checkout.opening', stored)
    expect(pendingRequests(memory, () => 'k').opening()).toBeNull()
  })
})
