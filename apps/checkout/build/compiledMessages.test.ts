import { describe, expect, it } from 'vitest'
import { compiledMessages } from './compiledMessages.ts'

/** The plugin's transform, called as the bundler calls it. */
function transform(json: string, file = '/app/src/locales/en.json'): unknown {
  const hook: unknown = compiledMessages().transform
  if (typeof hook !== 'function') throw new Error('the hook is not a plain function')
  return Reflect.apply(hook, undefined, [json, file])
}

describe('compiled messages', () => {
  it('are trees, with nothing left to compile or evaluate in the browser', () => {
    expect(transform('{"pay":"Pay {amount}"}')).toMatchObject({ code: expect.stringMatching(/^export default \{"pay":\{.*"k":"amount"/) })
  })

  it('stop the build at a syntax error, and name the message', () => {
    expect(() => transform('{"pay":"Pay {amount"}')).toThrow(/en\.json: pay/)
  })

  it('stop the build at what is not a text', () => {
    expect(() => transform('{"pay":1}')).toThrow(/pay: not a text/)
  })

  it('leave other files alone', () => {
    expect(transform('{}', '/app/src/other.json')).toBeNull()
  })
})
