import { expect, it } from 'vitest'
import { expectSame } from './expectSame.ts'

it('lets equal results pass', () => {
  expect(() => expectSame({ ours: { totalFen: 1 }, plain: { totalFen: 1 }, other: { totalFen: 1 } })).not.toThrow()
})

it('refuses results that differ, and names whose', () => {
  expect(() => expectSame({ ours: { totalFen: 1 }, plain: { totalFen: 1 }, other: { totalFen: 2 } })).toThrow('ours and other differ')
})

it('refuses to compare with nobody', () => {
  expect(() => expectSame({ ours: 1 })).toThrow('nothing to compare')
})
