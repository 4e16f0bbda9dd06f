import { describe, expect, it } from 'vitest'
import { exchange } from '../../testing/exchange.ts'
import { startTestApp } from '../../testing/testApp.ts'

describe('/healthz and /readyz', () => {
  it('is healthy as soon as it runs', async () => {
    const app = await startTestApp({ deps: { ready: () => Promise.reject(new Error('no database')) } })
    expect((await app.get('/healthz')).status).toBe(200)
  })

  it.each([
    [200, async () => ({ database: true, listener: true })],
    [503, async () => ({ database: true, listener: false })],
    [503, () => Promise.reject(new Error('no database'))],
  ])('answers ready with %i', async (status, ready) => {
    const app = await startTestApp({ deps: { ready } })
    expect((await app.get('/readyz')).status).toBe(status)
  })

  it('R25 answer while everything else is turned away', async () => {
    const app = await startTestApp({ deps: { budgets: { ordinary: 0 } } })
    expect((await app.get('/v1/shop')).status).toBe(503)
    expect((await app.get('/healthz')).status).toBe(200)
    expect((await app.get('/readyz')).status).toBe(200)
    expect((await app.get('/metrics')).status).toBe(200)
  })

  it('R25 looks once for all who ask at once whether it is ready', async () => {
    const looks: PromiseWithResolvers<{ database: boolean }>[] = []
    const ready = () => {
      const look = Promise.withResolvers<{ database: boolean }>()
      looks.push(look)
      return look.promise
    }
    const app = await startTestApp({ deps: { ready } })
    // Both in one packet: both have asked before anybody is answered.
    const answers = exchange(app.url, 'GET /readyz HTTP/1.1\r\nHost: a\r\n\r\nGET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await expect.poll(() => looks.length).toBe(1)
    looks[0]?.resolve({ database: true })
    expect((await answers).match(/HTTP\/1.1 200 OK/g)).toHaveLength(2)
    const next = app.get('/readyz')
    await expect.poll(() => looks.length).toBe(2)
    looks[1]?.resolve({ database: false })
    expect((await next).status).toBe(503)
  })

  it('is not ready when the database does not answer in time', async () => {
    const app = await startTestApp({ deps: { ready: () => Promise.withResolvers<never>().promise } })
    expect(await (await app.get('/readyz')).json()).toMatchObject({ status: 'not ready' })
  })
})

describe('/metrics', () => {
  it('counts requests by route and status, and shows no token', async () => {
    const app = await startTestApp()
    const { token } = app.shop.add().order
    await app.get(`/v1/checkouts/${token}`)
    const text = await (await app.get('/metrics')).text()
    expect(text).toContain('http_requests_total{route="/v1/checkouts/:token",status="200"} 1')
    expect(text).toContain('status_waiters 0')
    expect(text).not.toContain(token)
  })

  it.each([
    ['a header that proxies add', 'HTTP/1.1', 'Host: 127.0.0.1:3000\r\nX-Forwarded-For: 203.0.113.9'],
    ['another one', 'HTTP/1.1', 'Host: 127.0.0.1:3000\r\nVia: 1.1 front'],
    ['the name of the shop', 'HTTP/1.1', 'Host: pay.example.com'],
    ['a name that only begins like this machine', 'HTTP/1.1', 'Host: localhost.example.com'],
    ['the old version that nginx speaks without settings', 'HTTP/1.0', 'Host: 127.0.0.1:3000'],
  ])('is not for those who come through a proxy on this machine, known by %s', async (_what, version, headers) => {
    const app = await startTestApp()
    expect(await exchange(app.url, `GET /metrics ${version}\r\n${headers}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 404 /)
  })

  it.each(['127.0.0.1:3000', 'localhost:3000', '[::1]:3000', 'LOCALHOST'])('is for who calls this machine %s', async (host) => {
    const app = await startTestApp()
    expect(await exchange(app.url, `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /)
  })
})
