import { describe, expect, it } from 'vitest'
import { CheckoutStatus } from 'wxpay-core/contract'
import { now } from '../../testing/shopInMemory.ts'
import { startTestApp } from '../../testing/testApp.ts'

describe('GET /v1/checkouts/:token/status', () => {
  it.each(['', '?wait=25', '?version=7', '?version=7&wait=25', '?version=1'])(
    'answers at once to "%s" when there is news or no wait',
    async (query) => {
      const app = await startTestApp()
      const { order } = app.shop.add()
      const response = await app.get(`/v1/checkouts/${order.token}/status${query}`)
      expect(CheckoutStatus.strict().parse(await response.json())).toMatchObject({ version: 1, status: 'unpaid' })
      expect(app.hub.waiterCount()).toBe(0)
    },
  )

  it('holds an unchanged version until it changes, and counts how long the money took to be seen', async () => {
    const app = await startTestApp()
    const { token } = app.shop.add().order
    const held = app.get(`/v1/checkouts/${token}/status?version=1&wait=25`)
    await expect.poll(() => app.hub.waiterCount()).toBe(1)
    app.shop.change(token, { status: 'paid', paidAt: now, recordedAt: now })
    app.tellChanged(token)
    expect(CheckoutStatus.parse(await (await held).json())).toMatchObject({ version: 2, status: 'paid', attempt: null })
    expect(await app.metrics.render()).toContain('paid_to_visible_seconds_count 1')
  })

  it('answers the unchanged state when the wait is over', async () => {
    const app = await startTestApp()
    const { token } = app.shop.add().order
    expect(await (await app.get(`/v1/checkouts/${token}/status?version=1&wait=1`)).json()).toMatchObject({ version: 1 })
    expect(app.hub.waiterCount()).toBe(0)
  })

  it('forgets a waiter whose caller has gone', async () => {
    const app = await startTestApp()
    const { token } = app.shop.add().order
    const gone = new AbortController()
    const held = app.get(`/v1/checkouts/${token}/status?version=1&wait=25`, { signal: gone.signal })
    await expect.poll(() => app.hub.waiterCount()).toBe(1)
    gone.abort()
    await expect(held).rejects.toThrow()
    await expect.poll(() => app.hub.waiterCount()).toBe(0)
  })

  it('R25 answers at once when as many wait as may', async () => {
    const app = await startTestApp({ maxWaiters: 1 })
    const { token } = app.shop.add().order
    const held = app.get(`/v1/checkouts/${token}/status?version=1&wait=25`)
    await expect.poll(() => app.hub.waiterCount()).toBe(1)
    expect((await app.get(`/v1/checkouts/${token}/status?version=1&wait=25`)).status).toBe(200)
    await app.hub.close()
    await held
  })

  it('R26 is answered when the server stops, and the stop waits for that', async () => {
    const app = await startTestApp()
    const { token } = app.shop.add().order
    const held = app.get(`/v1/checkouts/${token}/status?version=1&wait=25`)
    await expect.poll(() => app.hub.waiterCount()).toBe(1)
    await app.stop()
    const response = await held
    expect(response.headers.get('connection')).toBe('close')
    expect(await response.json()).toMatchObject({ version: 1 })
    await expect(app.get('/healthz')).rejects.toThrow()
  })

  it('R25 has a budget of its own: what else is asked for takes nothing of it, and it nothing of that', async () => {
    const busy = await startTestApp({ deps: { budgets: { ordinary: 0, status: 1 } } })
    const { token } = busy.shop.add().order
    const held = busy.get(`/v1/checkouts/${token}/status?version=1&wait=25`)
    await expect.poll(() => busy.hub.waiterCount()).toBe(1)
    const refused = await busy.get(`/v1/checkouts/${token}/status`)
    expect({ status: refused.status, retryAfter: refused.headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '2' })
    expect((await busy.get(`/v1/checkouts/${token}`)).status).toBe(503)
    await busy.hub.close()
    expect((await held).status).toBe(200)
    expect((await busy.get(`/v1/checkouts/${token}/status`)).status).toBe(200)
  })
})
