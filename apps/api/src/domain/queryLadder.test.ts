import { describe, expect, it } from 'vitest'
import { nextQueryAt } from './queryLadder.ts'

const shownAt = new Date('2026-03-01T02:15:00Z')

/** The moments of the first queries in seconds after the code was shown, each made on time. */
function ladder(watched: boolean, count: number): number[] {
  const seconds: number[] = []
  let lastQueriedAt: Date | null = null
  for (let queries = 0; queries < count; queries += 1) {
    lastQueriedAt = nextQueryAt({ shownAt, lastQueriedAt, queries }, watched)
    seconds.push((lastQueriedAt.getTime() - shownAt.getTime()) / 1_000)
  }
  return seconds
}

describe('the ladder of queries', () => {
  it('R16 asks for a watched order after 5 s, then after 5, 10, 15, 20, 30, 30 … more', () => {
    expect(ladder(true, 8)).toEqual([5, 10, 20, 35, 55, 85, 115, 145])
  })

  it('R16 asks for an order that nobody watches at 60 s, then at the doubles of it', () => {
    expect(ladder(false, 5)).toEqual([60, 120, 240, 480, 960])
  })

  it('R16 goes back to the doubles when nobody watches any more', () => {
    const lastQueriedAt = new Date(shownAt.getTime() + 85_000)
    expect(nextQueryAt({ shownAt, lastQueriedAt, queries: 6 }, false)).toEqual(new Date(shownAt.getTime() + 120_000))
  })
})
