import { describe, expect, it } from 'vitest'
import { checkSymmetricKeys } from './checkSymmetricKeys.ts'

const good = 'DocsOnlyKeyNotReal0000000000wx42'
const v2 = (key: string) => checkSymmetricKeys({ v2: { key }, v3: null })

describe('the keys that are plain text', () => {
  it('are not looked at when they are not set', () => {
    expect(checkSymmetricKeys({ v2: null, v3: null })).toEqual([])
  })

  it('have 32 letters and digits', () => {
    expect(v2(good)).toEqual([{ check: 'v2 key', state: 'ok', detail: '32 characters' }])
  })

  it.each([
    ['31 characters', good.slice(1)],
    ['33 characters, white space among them', `${good}\n`],
    ['32 characters, white space among them', ` ${good.slice(1)}`],
    ['not ASCII', `钥${good.slice(1)}`],
  ])('are wrong with %s', (seen, key) => {
    const [finding] = v2(key)
    expect(finding).toMatchObject({ state: 'fault' })
    expect(finding?.detail).toContain(seen)
  })

  it('raise a doubt when the merchant platform would not have taken them', () => {
    expect(v2(`!${good.slice(1)}`)).toMatchObject([{ state: 'warning' }])
  })

  it('must not be one and the same for v2 and v3', () => {
    const findings = checkSymmetricKeys({ v2: { key: good }, v3: { key: good } })
    expect(findings.map(({ check, state }) => `${check} ${state}`)).toEqual(['v2 key ok', 'v3 key ok', 'v3 key warning'])
  })

  it('never show themselves', () => {
    for (const key of [good, good.slice(1), ` ${good}`, `钥${good}`]) expect(JSON.stringify(v2(key))).not.toContain(good.slice(2))
  })
})
