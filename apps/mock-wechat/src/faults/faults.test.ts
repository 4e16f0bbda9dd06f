import { describe, expect, it } from 'vitest'
import { createFaults } from './faults.ts'

const hits = (order: Parameters<ReturnType<typeof createFaults>['order']>[0], calls = 10) => {
  const faults = createFaults()
  faults.order(order)
  return Array.from({ length: calls }, (_, index) => index + 1).filter(
    () => faults.strike('query', { protocol: 'v2', outTradeNo: 'T1' }).length > 0,
  )
}

describe('a fault', () => {
  const base = { on: 'query', kind: 'http-500' } as const

  it('strikes every call until it is taken back', () => {
    expect(hits(base)).toHaveLength(10)
  })

  it('strikes the n-th call only, or some from it on, or the first ones', () => {
    expect(hits({ ...base, nth: 3 })).toEqual([3])
    expect(hits({ ...base, nth: 3, times: 2 })).toEqual([3, 4])
    expect(hits({ ...base, times: 2 })).toEqual([1, 2])
  })

  it('strikes by chance, the same calls for the same seed', () => {
    const chance = { ...base, probability: 0.3, seed: 42 }
    const struck = hits(chance, 1000)
    expect(struck).toEqual(hits(chance, 1000))
    expect(struck).not.toEqual(hits({ ...chance, seed: 43 }, 1000))
    expect(struck.length).toBeGreaterThan(240)
    expect(struck.length).toBeLessThan(360)
  })

  it('keeps to its endpoint and to its order number; * is every place where the kind makes sense', () => {
    const faults = createFaults()
    faults.order({ on: '*', kind: 'http-500', outTradeNo: 'T1' })
    expect(faults.strike('close', { protocol: 'v2', outTradeNo: 'T1' })).toHaveLength(1)
    expect(faults.strike('close', { protocol: 'v2', outTradeNo: 'T2' })).toHaveLength(0)
    expect(faults.strike('notice', { protocol: 'v2', outTradeNo: 'T1' })).toHaveLength(0)
  })

  it('reports its seed, and how often it was seen and struck', () => {
    const faults = createFaults()
    faults.order({ ...base, nth: 2, probability: 1 })
    faults.strike('query', { protocol: 'v2', outTradeNo: 'T1' })
    faults.strike('query', { protocol: 'v2', outTradeNo: 'T1' })
    expect(faults.list()).toMatchObject([{ id: 1, seed: expect.any(Number), seen: 2, struck: 1 }])
    faults.clear()
    expect(faults.list()).toEqual([])
  })
})
