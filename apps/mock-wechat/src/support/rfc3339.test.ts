import { expect, it } from 'vitest'
import { formatRfc3339 } from './rfc3339.ts'

it('writes Beijing time with its offset, to the second', () => {
  expect(formatRfc3339(1_767_225_600_999)).toBe('2026-01-01T08:00:00+08:00')
})
