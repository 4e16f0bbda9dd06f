import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { compileCache } from '../testing/compileCache.ts'
import { onlyNumber } from './onlyNumber.ts'

it('is the one argument', () => {
  expect(onlyNumber(['20261127011756H17GTB9MF36E'])).toBe('20261127011756H17GTB9MF36E')
})

it.each([[[]], [['--help']], [['-h']], [['1', '2']], [['1', '--json']]])('is not there in %j', (args) => {
  expect(onlyNumber(args)).toBeUndefined()
})

it.each(['query', 'accept'])('%s --help says how it is called, before it looks at any setting', async (command) => {
  const { code, output } = await run(command, '--help')
  expect(output).toMatch(new RegExp(`^usage: ${command} [A-Z]`))
  expect(output).toContain(`--env-file=.data/demo.env apps/api/src/cli/${command}.ts`)
  expect(output).not.toContain('bad settings')
  expect(code).toBe(2)
})

/** As a person runs it who has not set anything yet. */
function run(command: string, ...args: string[]): Promise<{ code: unknown; output: string }> {
  const path = fileURLToPath(new URL(`./${command}.ts`, import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], { env: { PATH: '', ...compileCache } }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, output: stdout + stderr })
    })
  })
}
