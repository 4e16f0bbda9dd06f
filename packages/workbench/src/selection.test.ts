import { describe, expect, it } from 'vitest'
import { selectSteps } from './selection.ts'

const names = ['types', 'lint', 'unit']

describe('the selection of steps', () => {
  it.each([[[]], [['--']]])('is all of them for %j', (args) => {
    expect(selectSteps(args, names)).toEqual(names)
  })

  it.each([[['--only', 'unit,types']], [['--', '--only', 'unit,types']], [['--only=types,unit']]])(
    'is the named ones, in the order of running, for %j',
    (args) => {
      expect(selectSteps(args, names)).toEqual(['types', 'unit'])
    },
  )

  it.each([[['--only']], [['--only', 'lnt']], [['lint']], [['--only', 'lint', 'unit']], [['--fast']]])(
    'is refused for %j, with the names that there are',
    (args) => {
      expect(() => selectSteps(args, names)).toThrow('--only types,lint,unit')
    },
  )
})
