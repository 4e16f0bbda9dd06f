import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runNode } from './run.ts'
import { type Service, startService, stopService, whenReady } from './service.ts'
import { freePort } from './testing/freePort.ts'

/** A server that drains on either signal and says which one it heard. */
const server = `
import { createServer } from 'node:http'
const server = createServer((request, response) => response.end('ok'))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { console.log('heard ' + signal); server.close(() => process.exit(7)); server.closeAllConnections() })
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'))
`

describe('a supervised server', () => {
  let folder: string
  let port: number
  let running: Service[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'service-'))
    port = await freePort()
    await writeFile(join(folder, 'server.mjs'), server)
  })
  afterEach(async () => {
    for (const { child } of running) child.kill('SIGKILL')
    running = []
    await rm(folder, { recursive: true, force: true })
  })

  function start(main = 'server.mjs'): Service {
    const service = startService({
      name: 'The server',
      main: join(folder, main),
      env: { ...process.env, PORT: String(port) },
      logFile: join(folder, 'logs/server.log'),
    })
    running.push(service)
    return service
  }
  const url = (): string => `http://127.0.0.1:${port}/`
  const log = (): Promise<string> => readFile(join(folder, 'logs/server.log'), 'utf8')

  it('is ready when it answers, stops when it is asked to, and gives its exit code', async () => {
    const service = start()
    await whenReady(service, url(), 30_000)
    expect(await stopService(service)).toBe(7)
    expect(await log()).toBe('listening\nheard SIGTERM\n')
  })

  it("does not hear the terminal's Ctrl-C: the order of stopping is its supervisor's", async () => {
    const service = start()
    await whenReady(service, url(), 30_000)
    service.child.kill('SIGINT')
    service.child.kill('SIGHUP')
    await stopService(service)
    expect(await log()).not.toContain('SIGINT')
  })

  it('stops in its own way when its supervisor is gone', async () => {
    const service = start()
    await whenReady(service, url(), 30_000)
    service.child.disconnect()
    expect(await service.exited).toBe(7)
    expect(await log()).toContain('heard SIGTERM')
  })

  it('that dies before it is ready is told with its last lines', async () => {
    await writeFile(join(folder, 'dies.mjs'), "console.error('bad settings: PORT'); process.exit(3)")
    await expect(whenReady(start('dies.mjs'), url(), 30_000)).rejects.toThrow(
      /The server has ended by itself \(exit code 3\)[^]*bad settings: PORT/,
    )
  })

  it('that never becomes ready is told with the address that was asked', async () => {
    await writeFile(join(folder, 'idles.mjs'), 'setInterval(() => {}, 1000)')
    await expect(whenReady(start('idles.mjs'), url(), 1)).rejects.toThrow(`did not become ready within 0.001 s (${url()})`)
  })

  it('that ignores the wish to stop is killed in the end', async () => {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    await writeFile(join(folder, 'server.mjs'), server.replace('server.close(', 'void ('))
    const service = start()
    await whenReady(service, url(), 30_000)
    expect(await stopService(service, 1)).toBe(137)
    expect(told).toHaveBeenCalledWith(expect.stringContaining('killed'))
    told.mockRestore()
  })
})

describe('a command that is run to its end', () => {
  it('gives its exit code and what it said', async () => {
    expect(await runNode('--eval', ["console.log('out'); console.error('err'); process.exitCode = 4"], { output: 'capture' })).toEqual({
      code: 4,
      output: expect.stringMatching(/out[^]*err|err[^]*out/),
    })
  })

  it('is ended when it takes too long, and says so', async () => {
    const { code, output } = await runNode('--eval', ['setInterval(() => {}, 1000)'], { output: 'capture', timeoutMs: 1 })
    expect(code).toBe(143)
    expect(output).toContain('took longer than')
  })

  it('is ended when the whole is stopped', async () => {
    expect(await runNode('--eval', ['setInterval(() => {}, 1000)'], { output: 'capture', signal: AbortSignal.abort() })).toMatchObject({
      code: 143,
    })
  })
})
