import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runBenchmark } from '../harness/runBenchmark.ts'
import { startShop, type Shop } from '../servers/shop.ts'
import { billOf } from './bill.ts'
import { Closers } from './closers.ts'
import { createV2, createV3 } from './creates.ts'
import { noticeV2, noticeV3 } from './notices.ts'
import { status } from './status.ts'

/** Each side works, and leaves the same behind: what it takes is not looked at. */
const once = { rounds: 1, warmUps: 0, count: 4, budgetMs: 0 }

describe.each([
  ['v2', [status, noticeV2, createV2, billOf(2_000)]],
  ['v3', [noticeV3, createV3]],
] as const)('the comparisons of whole processes that speak %s', (protocol, benchmarks) => {
  let shop: Shop
  beforeAll(async () => {
    shop = await startShop({ cores: null, protocol })
  })
  afterAll(() => shop.close())

  it.each(benchmarks.map((benchmark) => [benchmark.name, benchmark] as const))(
    '%s compares what does the same work',
    async (name, { path, plan, openOn }) => {
      const open = () => Closers.use(async (closers) => ({ ...(await openOn(shop, closers)), close: () => closers.close() }))
      const rows = await runBenchmark({ name, path, plan, open }, { signal: new AbortController().signal, only: once })
      expect(rows).toMatchObject([{ name, ratio: expect.any(Number) }])
    },
  )
})
