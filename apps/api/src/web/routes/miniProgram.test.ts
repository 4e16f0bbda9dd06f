import { describe, expect, it } from 'vitest'
import type { MiniProgramLogin } from '../../commands/loginMiniProgram.ts'
import { startTestApp } from '../../testing/testApp.ts'

async function login(outcome: MiniProgramLogin, body: unknown = { code: 'C1' }) {
  const app = await startTestApp({ accounts: { miniProgram: { login: async () => outcome } } })
  const response = await app.post('/v1/miniprogram/login', body)
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json(), app }
}

const known: MiniProgramLogin = { outcome: 'known', token: 'T'.repeat(43), expiresInMs: 1000 }

describe('POST /v1/miniprogram/login', () => {
  it('answers a token and how long it is good for, and nothing else', async () => {
    expect(await login(known)).toMatchObject({ status: 201, body: { token: 'T'.repeat(43), expiresInMs: 1000 } })
  })

  it.each<[string, MiniProgramLogin, number, string, string | null]>([
    ['a code that WeChat does not take', { outcome: 'refused' }, 401, 'login_refused', null],
    ['too many from one address', { outcome: 'too-many' }, 429, 'too_many_requests', '60'],
    ['WeChat that cannot be reached', { outcome: 'away', because: 'unreachable' }, 503, 'service_unavailable', '5'],
    ['a wrong AppSecret', { outcome: 'away', because: 'settings' }, 503, 'service_unavailable', '5'],
  ])('answers %s with %i', async (_what, outcome, status, code, retryAfter) => {
    const answer = await login(outcome)
    expect(answer).toMatchObject({ status, retryAfter, body: { error: { code } } })
    const reason = outcome.outcome === 'away' ? outcome.because : outcome.outcome
    expect(await answer.app.metrics.render()).toContain(`wechat_account_requests_total{kind="login",result="refused",reason="${reason}"} 1`)
  })

  it.each([{}, { code: '' }, { code: 1 }, { code: 'a b' }, { code: 'a'.repeat(513) }, { code: 'C1', openid: 'oB' }])(
    'refuses %o: an openid does not come from a body',
    async (body) => {
      expect(await login(known, body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
    },
  )

  it('says that a merchant has no mini program', async () => {
    const app = await startTestApp()
    const response = await app.post('/v1/miniprogram/login', { code: 'C1' })
    expect(await response.json()).toMatchObject({ error: { code: 'trade_type_not_enabled' } })
  })
})

describe('GET /v1/wechat/jssdk', () => {
  const signPage = async (url: string) => ({ appId: 'wx', timestamp: 1, nonceStr: 'n', signature: url })

  it('signs pages of ours, and no others', async () => {
    const app = await startTestApp({ accounts: { signPage }, publicUrl: 'https://shop.example' })
    const ask = (url: string) => app.get(`/v1/wechat/jssdk?url=${encodeURIComponent(url)}`)
    expect(await (await ask('https://shop.example/pay/x?from=a')).json()).toMatchObject({ signature: 'https://shop.example/pay/x?from=a' })
    for (const url of ['https://evil.example/', 'https://shop.example.evil.example/', 'http://shop.example/', '/pay/x', '']) {
      expect((await ask(url)).status).toBe(400)
    }
  })

  it('says that a merchant has no official account', async () => {
    const app = await startTestApp({ publicUrl: 'https://shop.example' })
    const response = await app.get(`/v1/wechat/jssdk?url=${encodeURIComponent('https://shop.example/')}`)
    expect(await response.json()).toMatchObject({ error: { code: 'trade_type_not_enabled' } })
  })
})
