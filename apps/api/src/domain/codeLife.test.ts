import { describe, expect, it } from 'vitest'
import { codeExpiry, extendedCodeExpiry, isFreshCode } from './codeLife.ts'

const clock = (time: string) => new Date(`2026-03-01T${time}Z`)
const expiresAt = clock('02:30:00')

describe('the countdown', () => {
  it.each([
    ['02:15:00', '02:20:00'],
    ['02:25:00', '02:30:00'],
    ['02:29:00', '02:30:00'],
  ])('R14 of a code that comes at %s ends at %s, never after WeChat refuses to take the money', (now, end) => {
    expect(codeExpiry({ now: clock(now), codeLifeMs: 300_000, expiresAt })).toEqual(clock(end))
  })

  it.each([
    { now: '02:19:30', codeExpiresAt: '02:20:00', extended: '02:24:30' },
    { now: '02:26:00', codeExpiresAt: '02:28:00', extended: '02:30:00' },
    { now: '02:29:55', codeExpiresAt: '02:29:51', extended: null },
    { now: '02:29:00', codeExpiresAt: '02:30:00', extended: null },
  ])('is extended at $now from $codeExpiresAt to $extended', ({ now, codeExpiresAt, extended }) => {
    const end = extendedCodeExpiry({ now: clock(now), codeLifeMs: 300_000, expiresAt, codeExpiresAt: clock(codeExpiresAt) })
    expect(end).toEqual(extended === null ? null : clock(extended))
  })

  it('is never made shorter', () => {
    const input = { now: clock('02:15:00'), codeLifeMs: 60_000, expiresAt, codeExpiresAt: clock('02:20:00') }
    expect(extendedCodeExpiry(input)).toBeNull()
  })
})

describe('a code', () => {
  it.each([
    { age: 0, fresh: true },
    { age: 9_999, fresh: true },
    { age: 10_000, fresh: false },
  ])('is fresh after $age ms: $fresh', ({ age, fresh }) => {
    const createdAt = clock('02:15:00')
    const now = new Date(createdAt.getTime() + age)
    expect(isFreshCode({ createdAt, codeExpiresAt: clock('02:20:00') }, now)).toBe(fresh)
  })

  it('is not fresh when its countdown is over', () => {
    expect(isFreshCode({ createdAt: clock('02:15:00'), codeExpiresAt: clock('02:15:01') }, clock('02:15:02'))).toBe(false)
    expect(isFreshCode({ createdAt: clock('02:15:00'), codeExpiresAt: null }, clock('02:15:02'))).toBe(false)
  })
})
