import { describe, expect, it } from 'vitest'
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

  it('is not for those who come through a proxy on this machine', async () => {
    const app = await startTestApp()
    expect((await app.get('/metrics', { headers: { 'X-Forwarded-For': '203.0.113.9' } })).status).toBe(404)
  })
})
