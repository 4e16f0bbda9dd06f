import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { checkPorts, readPort } from './ports.ts'
import { freePort } from './testing/freePort.ts'

describe('a port setting', () => {
  it('has its standard value when it is not set, or empty', () => {
    expect(readPort({}, 'PORT', 3000)).toEqual({ name: 'PORT', port: 3000 })
    expect(readPort({ PORT: '' }, 'PORT', 3000).port).toBe(3000)
  })

  it.each(['0', '65536', 'abc', '-1', '80.5', '0x50', ' 80'])('is refused by its name when it is %j', (PORT) => {
    expect(() => readPort({ PORT }, 'PORT', 3000)).toThrow('PORT must be a port')
  })
})

describe('the check of the ports', () => {
  const server = createServer()
  afterEach(() => server.close())

  function portInUse(): Promise<number> {
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      })
    })
  }

  it('names the setting and what to type when a port is in use', async () => {
    const port = await portInUse()
    await expect(checkPorts('127.0.0.1', [{ name: 'MOCK_WECHAT_PORT', port }], 'pnpm start')).rejects.toThrow(
      new RegExp(`^MOCK_WECHAT_PORT: port ${port} on 127\\.0\\.0\\.1 is in use[^]*MOCK_WECHAT_PORT=\\d+ pnpm start`),
    )
  })

  it('names all ports in use at once', async () => {
    const port = await portInUse()
    const settings = [
      { name: 'PORT', port },
      { name: 'MOCK_WECHAT_PORT', port },
    ]
    await expect(checkPorts('127.0.0.1', settings, 'pnpm start')).rejects.toThrow(
      /^PORT: port [^]*\nMOCK_WECHAT_PORT: port [^]*Choose others[^]* PORT=\d+ MOCK_WECHAT_PORT=\d+ pnpm start/,
    )
  })

  it('notices two settings with one port', async () => {
    const port = await freePort()
    const settings = [
      { name: 'PORT', port },
      { name: 'MOCK_WECHAT_PORT', port },
    ]
    await expect(checkPorts('127.0.0.1', settings, 'pnpm start')).rejects.toThrow('wanted twice')
  })

  it('leaves a free port free', async () => {
    const settings = [{ name: 'PORT', port: await freePort() }]
    await checkPorts('127.0.0.1', settings, 'pnpm start')
    await checkPorts('127.0.0.1', settings, 'pnpm start')
  })
})
