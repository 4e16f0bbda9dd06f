import { baseCompile, type CompileError } from '@intlify/message-compiler'
import type { Plugin } from 'vite'

const localeFile = /\/src\/locales\/((console|dialog)\/)?[\w-]+\.json$/

/**
 * Compiles the files of src/locales to message trees while building, so that no compiler is shipped to the shopper
 * and nothing has to be evaluated there. A message with a syntax error stops the build.
 */
export function compiledMessages(): Plugin {
  return {
    name: 'compiled-messages',
    enforce: 'pre',
    transform(json, id) {
      if (!localeFile.test(id)) return null
      const messages: unknown = JSON.parse(json)
      return { code: `export default ${JSON.stringify(compileAll(messages, id))}`, map: null, moduleType: 'js' }
    },
  }
}

function compileAll(messages: unknown, file: string): Record<string, unknown> {
  if (typeof messages !== 'object' || messages === null) throw new Error(`${file}: not an object of messages`)
  return Object.fromEntries(
    Object.entries(messages).map(([key, text]: [string, unknown]) => [key, compileMessage(text, `${file}: ${key}`)]),
  )
}

function compileMessage(text: unknown, where: string): unknown {
  if (typeof text !== 'string') throw new Error(`${where}: not a text`)
  const onError = (error: CompileError) => {
    throw new Error(`${where}: ${error.message}`)
  }
  return baseCompile(text, { jit: true, minify: true, location: false, onError }).ast
}
