import { describe, expect, it } from 'vitest'
import type { Benchmark } from '../benchmark.ts'
import { runBenchmark } from '../harness/runBenchmark.ts'
import { v2Notice } from './v2Notice.ts'
import { v2Sign } from './v2Sign.ts'
import { v3Notice } from './v3Notice.ts'
import { v3Sign } from './v3Sign.ts'

/** Each side works, and comes to the same: what it takes is not looked at. */
const once = { rounds: 1, warmUps: 0, count: 1, budgetMs: 0 }

describe('the comparisons of the protocol', () => {
  it.each<[string, Benchmark]>([v2Sign, v2Notice, v3Sign, v3Notice].map((benchmark) => [benchmark.name, benchmark]))(
    '%s compares what does the same work',
    async (_, benchmark) => {
      const rows = await runBenchmark(benchmark, { signal: new AbortController().signal, only: once })
      expect(rows.length).toBeGreaterThan(0)
      for (const row of rows) expect(row).toMatchObject({ name: benchmark.name, ratio: expect.any(Number) })
    },
  )
})
