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
  it('keep their key, amount and way of paying over a reload', () => {
    const load = openTab()
    load().beginOpening({ amountFen: toFen(1250), tradeType: 'jsapi' })
    expect(load().opening()).toEqual({ key: 'key-1', amountFen: 1250, tradeType: 'jsapi' })
  })

  it('are forgotten once answered', () => {
    const load = openTab()
    load().beginOpening({ amountFen: toFen(1250), tradeType: 'jsapi' })
    load().endOpening()
    expect(load().opening()).toBeNull()
  })

  it('ask for a new payment with the same key until it is answered, then with another', () => {
    const load = openTab()
    expect(load().beginRenewal('token', 'native').key).toBe('key-1')
    expect(load().beginRenewal('token', 'native').key).toBe('key-1')
    expect(load().renewal('token')).toEqual({ key: 'key-1', tradeType: 'native' })
    expect(load().renewal('other')).toBeNull()
    load().endRenewal('token')
    expect(load().renewal('token')).toBeNull()
    expect(load().beginRenewal('token', 'native').key).toBe('key-2')
  })

  it('are other requests, with keys of their own, in another way of paying', () => {
    const load = openTab()
    load().beginRenewal('token', 'native')
    expect(load().beginRenewal('token', 'h5')).toEqual({ key: 'key-2', tradeType: 'h5' })
    expect(load().renewal('token')).toEqual({ key: 'key-2', tradeType: 'h5' })
  })

  it('remember in this tab that the shopper was sent to say who they are, until it helped', () => {
    const load = openTab()
    expect(load().wasAskedWho()).toBe(false)
    load().noteAskedWho()
    expect(load().wasAskedWho()).toBe(true)
    load().endAskedWho()
    expect(load().wasAskedWho()).toBe(false)
  })

  it.each(['', 'key-only', 'key twelve'])('ignore what is not theirs: %o', (stored) => {
    const memory = memoryOf(() => {
      throw new Error('storage is off')
    })
    memory.write('wxpay-checkout.opening', stored)
    expect(pendingRequests(memory, () => 'k').opening()).toBeNull()
  })
})
