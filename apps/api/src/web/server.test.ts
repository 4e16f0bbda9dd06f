import { connect } from 'node:net'
import Koa from 'koa'
import { describe, expect, it, onTestFinished } from 'vitest'
import { exchange } from '../testing/exchange.ts'
import { startServer } from './server.ts'
import type { RequestState } from './state.ts'

/** An app whose answers are given by the test, one by one. */
async function startHolding(options: { drainMs?: number } = {}) {
  const answers: (() => void)[] = []
  const app = new Koa<RequestState>()
  app.use(async (ctx) => {
    await new Promise<void>((resolve) => answers.push(resolve))
    ctx.body = 'done'
  })
  const released: number[] = []
  const releaseHeld = async () => void released.push(answers.length)
  const server = await startServer({ app, host: '127.0.0.1', port: 0, releaseHeld, ...options })
  onTestFinished(server.stop)
  return { ...server, answers, released, app, releaseHeld }
}

describe('the server', () => {
  it('says which address is taken', async () => {
    const { url, app, releaseHeld } = await startHolding()
    await expect(startServer({ app, host: '127.0.0.1', port: Number(new URL(url).port), releaseHeld })).rejects.toThrow('EADDRINUSE')
  })

  it('R26 finishes what is under way before it stops, and takes nothing new', async () => {
    const { url, stop, answers, released } = await startHolding()
    const underWay = fetch(url)
    await expect.poll(() => answers.length).toBe(1)
    const stopped = stop()
    await expect.poll(() => released).toEqual([1])
    await expect(fetch(url)).rejects.toThrow()
    answers.splice(0).forEach((answer) => answer())
    const response = await underWay
    expect({ text: await response.text(), connection: response.headers.get('connection') }).toEqual({ text: 'done', connection: 'close' })
    await stopped
  })

  it('R26 takes the connections that were made before the stop and waited to be taken', async () => {
    const { url, stop, answers } = await startHolding()
    const texts = Array.from({ length: 20 }, () => getOnNewConnection(url))
    await made()
    const stopped = stop()
    await expect.poll(() => answers.length).toBe(20)
    answers.splice(0).forEach((answer) => answer())
    for (const text of await Promise.all(texts)) expect(text).toMatch(/^HTTP\/1.1 200 OK[^]*connection: close/i)
    await stopped
  })

  it('R25 cuts a caller that does not read its answer', async () => {
    const app = new Koa<RequestState>()
    const ends: boolean[] = []
    app.use((ctx) => {
      ctx.res.once('close', () => ends.push(ctx.res.writableFinished))
      ctx.body = Buffer.alloc(64 * 1024 * 1024) // more than the two sockets hold
    })
    const server = await startServer({ app, host: '127.0.0.1', port: 0, releaseHeld: () => Promise.resolve(), silentMs: 100 })
    onTestFinished(server.stop)
    const { hostname, port } = new URL(server.url)
    const socket = connect({ host: hostname, port: Number(port) }).pause()
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    socket.write(`GET / HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
    await expect.poll(() => ends, { timeout: 20_000 }).toEqual([false])
  })

  it('R26 cuts what does not finish in time', async () => {
    const { url, stop, answers } = await startHolding({ drainMs: 20 })
    const underWay = fetch(url)
    const cut = expect(underWay).rejects.toThrow()
    await expect.poll(() => answers.length).toBe(1)
    await stop()
    await cut
  })
})

const getOnNewConnection = (url: string) => exchange(url, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')

/** Node connects in the next tick, and the kernel at once on this machine; our server's loop has had no turn to take it then. */
function made(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
