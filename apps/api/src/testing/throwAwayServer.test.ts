import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pidIsAlive } from './pidIsAlive.ts'

const runner = `
  import { startThrowAwayServer } from ${JSON.stringify(new URL('throwAwayServer.ts', import.meta.url).href)}
  const { address } = await startThrowAwayServer()
  console.log(address.host)
`

it('leaves neither a server nor a file behind when the runner is killed with -9', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', runner], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed]: unknown[] = await once(child.stdout, 'data')
  const directory = String(printed).trim()
  const server = Number((await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])
  expect(pidIsAlive(server)).toBe(true)

  child.kill('SIGKILL')

  await expect.poll(() => pidIsAlive(server), { timeout: 20_000 }).toBe(false)
  await expect.poll(() => existsSync(directory), { timeout: 20_000 }).toBe(false)
})
