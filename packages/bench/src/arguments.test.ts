import { describe, expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

const known = ['v2-sign', 'v2-notice']

describe('the command line', () => {
  it('without a word asks for everything, as a table, and lets nothing fail', () => {
    expect(readArguments([], known)).toEqual({ names: [], check: false, json: false })
  })

  it('takes names and options in any order', () => {
    expect(readArguments(['--json', 'v2-notice', '--check'], known)).toEqual({ names: ['v2-notice'], check: true, json: true })
  })

  it('refuses a name that it does not know, and tells those that it does', () => {
    expect(() => readArguments(['v2-notise'], known)).toThrow('no benchmark v2-notise; there are: v2-sign, v2-notice')
  })

  it('refuses an option that it does not know', () => {
    expect(() => readArguments(['--chek'], known)).toThrow('--chek')
  })
})
