import type { Benchmark } from './benchmark.ts'
import { bill } from './benchmarks/bill.ts'
import { createV2, createV3 } from './benchmarks/creates.ts'
import { noticeV2, noticeV3 } from './benchmarks/notices.ts'
import { onShop } from './benchmarks/onShop.ts'
import { status } from './benchmarks/status.ts'
import { v2Notice } from './benchmarks/v2Notice.ts'
import { v2Sign } from './benchmarks/v2Sign.ts'
import { v3Notice } from './benchmarks/v3Notice.ts'
import { v3Sign } from './benchmarks/v3Sign.ts'

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  v2Sign,
  v2Notice,
  v3Sign,
  v3Notice,
  ...[status, noticeV2, noticeV3, createV2, createV3, bill].map(onShop),
]
