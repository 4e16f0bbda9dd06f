import { expect, it } from 'vitest'
import { nodeOn, parseCoreList } from './cores.ts'

it.each([
  ['0', [0]],
  ['0-3', [0, 1, 2, 3]],
  ['0-1,8,10-11', [0, 1, 8, 10, 11]],
  ['', []],
])('reads the list of cores "%s" as %j', (list, cores) => {
  expect(parseCoreList(list)).toEqual(cores)
})

it('runs Node by itself where there is no core to hold it on', () => {
  expect(nodeOn(undefined)).toEqual({ command: process.execPath, args: [] })
  expect(nodeOn(3).args).toEqual(['--cpu-list', '3', process.execPath])
})
