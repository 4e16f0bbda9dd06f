import { describe, expect, it } from 'vitest'
import { runBenchmark } from '../harness/runBenchmark.ts'
import { createV2 } from './creates.ts'
import { noticeV2 } from './notices.ts'
import { status } from './status.ts'

/** Each side works, and leaves the same behind: what it takes is not looked at. */
const once = { rounds: 1, warmUps: 0, count: 4, budgetMs: 0 }

describe('the comparisons of whole processes', () => {
  it.each([status, noticeV2, createV2].map((benchmark) => [benchmark.name, benchmark] as const))(
    '%s compares what does the same work',
    async (_, benchmark) => {
      const rows = await runBenchmark(benchmark, { signal: new AbortController().signal, only: once })
      expect(rows).toMatchObject([{ name: benchmark.name, ratio: expect.any(Number) }])
    },
  )
})
