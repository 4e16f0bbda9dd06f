import { describe, expect, it } from 'vitest'
import { pool } from './pool.ts'

describe('the pool', () => {
  it('runs no more tasks at once than it may, and all of them, and keeps their order', async () => {
    let running = 0
    let most = 0
    const results = await pool(2, [1, 2, 3, 4, 5], async (task) => {
      most = Math.max(most, ++running)
      // The first ones take the most turns: they end last.
      for (let turn = 0; turn < 20 - task; turn++) await Promise.resolve()
      running--
      return task * 10
    })
    expect([results, most]).toEqual([[10, 20, 30, 40, 50], 2])
  })
})
