import { describe, expect, it } from 'vitest'
import { maxNoticeBytes, NoticeRefusedError, type WechatPay } from 'wxpay-core/protocol'
import { usualProtocol } from '../../testing/protocols.ts'
import { sendSlowly } from '../../testing/slowRequest.ts'
import { noticeBody, startTestApp } from '../../testing/testApp.ts'

type App = Awaited<ReturnType<typeof startTestApp>>

async function send(app: App, body: string = noticeBody, init: RequestInit = {}) {
  const response = await app.get('/notices/v2/payments', { method: 'POST', body, ...init })
  const text = await response.text()
  expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8')
  return { status: response.status, code: /<return_code>(\w+)</.exec(text)?.[1] }
}

const sendSlow = (app: App) => sendSlowly(`${app.url}/notices/v2/payments`, noticeBody)

const counted = (result: string, reason: string, times: number) =>
  `wechat_notices_total{protocol="${usualProtocol}",result="${result}",reason="${reason}"} ${times}`

const accepted = { status: 200, code: 'SUCCESS' }
const refused = { status: 400, code: 'FAIL' }
const failed = { status: 503, code: 'FAIL' }

describe('POST /notices/v2/payments', () => {
  it.each(['applied', 'repeat', 'flagged'] as const)('R6 R9 acknowledges a notice that was %s', async (outcome) => {
    const app = await startTestApp({ commands: { recordNotice: async () => outcome } })
    expect(await send(app)).toEqual(accepted)
    expect(await app.metrics.render()).toContain(counted('accepted', outcome, 1))
    const [line] = app.lines.filter((one) => one.includes('"msg":"notice"'))
    expect(JSON.parse(line ?? ''), 'the log names the payment').toMatchObject({
      result: 'accepted',
      reason: outcome,
      outTradeNo: 'P20260301000001',
    })
  })

  it('R6 acknowledges only after the notice is committed', async () => {
    const commit = Promise.withResolvers<'applied'>()
    const app = await startTestApp({ commands: { recordNotice: () => commit.promise } })
    let answered = false
    const reply = send(app).finally(() => (answered = true))
    await expect.poll(() => app.calls.length).toBe(1)
    await app.get('/healthz')
    expect(answered).toBe(false)
    commit.resolve('applied')
    expect(await reply).toEqual(accepted)
  })

  it('R9 has a notice of an unknown payment sent again', async () => {
    const app = await startTestApp({ commands: { recordNotice: async () => 'unknown-payment' } })
    expect(await send(app)).toEqual(failed)
  })

  it.each([
    ['with a wrong signature', '<xml>forged</xml>'],
    ['that is no XML', 'hello'],
    ['that is JSON', '{"return_code":"SUCCESS"}'],
    ['that is empty', ''],
    ['with a DOCTYPE', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml>&e;</xml>'],
  ])('R5 R7 refuses one %s, counts it and changes nothing', async (_what, body) => {
    const app = await startTestApp()
    expect(await send(app, body)).toEqual(refused)
    expect(app.calls).toEqual([])
    expect(await app.metrics.render()).toContain(counted('refused', 'wrong-signature', 1))
  })

  it.each([
    { authentic: true, reason: 'authentic-missing-field', errors: 1 },
    { authentic: false, reason: 'missing-field', errors: 0 },
  ])('R7 tells a refused notice that WeChat has signed from a forgery (authentic: $authentic)', async ({ authentic, reason, errors }) => {
    const openNotice: WechatPay['openNotice'] = () =>
      Promise.reject(new NoticeRefusedError('missing-field', 'time_end is missing', { authentic }))
    const app = await startTestApp({ openNotice })
    expect(await send(app)).toEqual(refused)
    expect(app.calls).toEqual([])
    expect(await app.metrics.render()).toContain(counted('refused', reason, 1))
    const atErrorLevel = app.lines.filter((line) => line.includes('"level":"error"'))
    expect(atErrorLevel).toHaveLength(errors)
    for (const line of atErrorLevel) expect(line).toContain('notice refused, missing-field: time_end is missing')
  })

  it('R8 refuses a probe calmly', async () => {
    const app = await startTestApp({ openNotice: () => Promise.reject(new NoticeRefusedError('probe', 'a probe')) })
    expect(await send(app)).toEqual(refused)
    expect(await app.metrics.render()).toContain(counted('refused', 'probe', 1))
    expect(app.lines.filter((line) => /"level":"(warn|error)"/.test(line))).toEqual([])
  })

  it.each([
    { reason: 'unknown-key', authentic: false, told: 'WXPAY_PUBLIC_KEY_ID' },
    { reason: 'stale', authentic: false, told: 'the clock of this machine' },
    { reason: 'undecryptable', authentic: true, told: 'WXPAY_V3_KEY' },
  ] as const)(
    'R7 tells the operator what to look at when one is refused as $reason, and who sent it',
    async ({ reason, authentic, told }) => {
      const app = await startTestApp({ openNotice: () => Promise.reject(new NoticeRefusedError(reason, 'detail', { authentic })) })
      expect(await send(app, noticeBody, { headers: { 'Wechatpay-Serial': 'PUB_KEY_ID_01', 'Request-ID': '08F4E5-0' } })).toEqual(refused)
      const lines = app.lines.filter((line) => /"level":"(warn|error)"/.test(line) && line.includes(told))
      expect(lines).toHaveLength(1)
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ serial: 'PUB_KEY_ID_01', wechatRequestId: '08F4E5-0', protocol: usualProtocol })
    },
  )

  it('writes no headers into the log that are long or not plain', async () => {
    const app = await startTestApp()
    await send(app, 'forged', { headers: { 'Wechatpay-Serial': 'x'.repeat(81), 'Request-ID': 'a "quoted" one' } })
    expect(app.lines.join('')).not.toMatch(/xxxx|quoted/)
  })

  it('R7 does not exist for a protocol whose keys are not there', async () => {
    const app = await startTestApp({ deps: { noticeGates: [] } })
    for (const path of ['/notices/v2/payments', '/notices/v3']) {
      expect((await app.get(path, { method: 'POST', body: noticeBody })).status).toBe(404)
    }
    expect(app.calls).toEqual([])
  })

  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded'])(
    'reads the bytes whatever their type says (%s)',
    async (type) => {
      const app = await startTestApp()
      expect(await send(app, noticeBody, { headers: { 'Content-Type': type } })).toEqual(accepted)
    },
  )

  it('R5 refuses one that is too large, in the same format', async () => {
    const app = await startTestApp()
    expect(await send(app, 'x'.repeat(maxNoticeBytes + 1))).toEqual(refused)
    expect(await app.metrics.render()).toContain('reason="too-large"')
    expect(app.calls).toEqual([])
  })

  it('R7 answers FAIL with 503 for a fault of ours and tells nothing of it', async () => {
    const app = await startTestApp({ commands: { recordNotice: () => Promise.reject(new Error('column "x" does not exist')) } })
    expect(await send(app)).toEqual(failed)
    expect(app.lines.join('')).toContain('column')
  })

  it.each(['GET', 'PUT', 'DELETE'])('answers %s with 405 in WeChat’s format', async (method) => {
    const app = await startTestApp()
    const response = await app.get('/notices/v2/payments', { method })
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({ status: 405, allow: 'POST' })
    expect(await response.text()).toContain('FAIL')
  })

  it('R25 has a budget of its own: ordinary requests at their limit do not turn it away', async () => {
    const stuck = Promise.withResolvers<never>()
    const app = await startTestApp({ commands: { openCheckout: () => stuck.promise }, deps: { budgets: { ordinary: 1, status: 0 } } })
    const waiting = app.post('/v1/checkouts', { amountFen: 1 })
    await expect.poll(() => app.calls.length).toBe(1)
    const shed = await app.get('/v1/shop')
    expect({ status: shed.status, retryAfter: shed.headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '2' })
    expect((await app.get(`/v1/checkouts/${app.shop.add().order.token}/status`)).status).toBe(503)
    expect(await send(app)).toEqual(accepted)
    stuck.reject(new Error('released'))
    expect((await waiting).status).toBe(500)
    expect((await app.get('/v1/shop')).status).toBe(200)
  })

  it('R25 keeps no place for a body that is still on its way', async () => {
    const app = await startTestApp({ deps: { budgets: { notices: 1 } } })
    const slow = await sendSlow(app)
    expect(await send(app)).toEqual(accepted)
    slow.finish()
    expect(await slow.answer).toMatchObject({ status: 200 })
  })

  it('R25 gives the place of the slowest sender to the next, also to an honest one', async () => {
    const app = await startTestApp({ deps: { budgets: { unreadNotices: 2 } } })
    const [first, second, third] = [await sendSlow(app), await sendSlow(app), await sendSlow(app)]
    expect(await first.answer).toMatchObject({ status: 503, text: expect.stringContaining('FAIL') })
    expect(await send(app)).toEqual(accepted)
    expect(await second.answer).toMatchObject({ status: 503, text: expect.stringContaining('FAIL') })
    third.finish()
    expect(await third.answer).toMatchObject({ status: 200, text: expect.stringContaining('SUCCESS') })
    expect(await app.metrics.render()).toContain(counted('shed', 'too-slow', 2))
  })

  it('R25 turns away more than it can work on, to be sent again', async () => {
    const commit = Promise.withResolvers<'applied'>()
    const app = await startTestApp({ commands: { recordNotice: () => commit.promise }, deps: { budgets: { notices: 1 } } })
    const first = send(app)
    await expect.poll(() => app.calls.length).toBe(1)
    expect(await send(app)).toEqual(failed)
    commit.resolve('applied')
    expect(await first).toEqual(accepted)
    expect(await send(app)).toEqual(accepted)
  })
})
