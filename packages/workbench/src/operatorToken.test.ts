import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { demoOperatorToken } from './operatorToken.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'operator-token-'))
})
afterEach(() => rm(folder, { recursive: true }))

it("the demo's operator token is another one in every data folder, and stays the same there, for its owner's eyes", async () => {
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  const token = await demoOperatorToken(one)
  expect(token).toMatch(/^[0-9a-f]{64}$/)
  expect(await demoOperatorToken(one)).toBe(token)
  expect(await demoOperatorToken(two)).not.toBe(token)
  expect((await stat(join(one, 'operator-token'))).mode & 0o777).toBe(0o600)
})

it('a file that holds no token is replaced', async () => {
  await writeFile(join(folder, 'operator-token'), 'short')
  const token = await demoOperatorToken(folder)
  expect(await readFile(join(folder, 'operator-token'), 'utf8')).toBe(token)
})
