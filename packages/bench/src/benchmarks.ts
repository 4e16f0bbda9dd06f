import type { Benchmark } from './benchmark.ts'
import { v2Notice } from './benchmarks/v2Notice.ts'
import { v2Sign } from './benchmarks/v2Sign.ts'

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [v2Sign, v2Notice]
