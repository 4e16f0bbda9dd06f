import { describe, expect, it } from 'vitest'
import { payerSessionMs } from '../domain/payer.ts'
import { AccountApiError, AccountApiUnreachableError } from '../officialAccount/accountApi.ts'
import { findPayerSession } from '../storage/payerSessions.ts'
import { miniProgram, openAccountBench } from '../testing/accountBench.ts'
import { loginMiniProgram } from './loginMiniProgram.ts'

const openId = 'oMiniMuAJO_M2pxb1Q9zNjWeS6o'
const input = { code: 'CODE1', clientAddress: '203.0.113.7' }
const whose = { source: 'mini-program', appId: miniProgram.appId } as const

describe('a login of the mini program', () => {
  it('gives a token that stands for the openid, and keeps its hash only', async () => {
    const bench = await openAccountBench({ openLogin: async () => ({ openId }) })
    const login = await loginMiniProgram(bench.context, miniProgram, input)
    expect(login).toEqual({ outcome: 'known', token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/), expiresInMs: payerSessionMs })
    const token = login.outcome === 'known' ? login.token : ''
    const now = bench.clock.now()
    expect(await findPayerSession(bench.db, token, { ...whose, now })).toEqual({ ...whose, openId })
    expect(await bench.textOf('payer_sessions')).not.toContain(token)
  })

  it('is no login of the official account, nor of another mini program, nor for ever', async () => {
    const bench = await openAccountBench({ openLogin: async () => ({ openId }) })
    const login = await loginMiniProgram(bench.context, miniProgram, input)
    const token = login.outcome === 'known' ? login.token : ''
    const now = bench.clock.now()
    expect(await findPayerSession(bench.db, token, { ...whose, source: 'official-account', now })).toBeNull()
    expect(await findPayerSession(bench.db, token, { ...whose, appId: 'wx1111111111111111', now })).toBeNull()
    expect(await findPayerSession(bench.db, token, { ...whose, now: new Date(now.getTime() + payerSessionMs) })).toBeNull()
  })

  it.each([40029, 40163, 40226])('is refused when WeChat does not take the code (%i)', async (errcode) => {
    const bench = await openAccountBench({ openLogin: () => Promise.reject(new AccountApiError('/sns/jscode2session', errcode, 'no')) })
    expect(await loginMiniProgram(bench.context, miniProgram, input)).toEqual({ outcome: 'refused' })
    expect(await bench.rowsOf('payer_sessions')).toBe(0)
  })

  it.each([
    ['too-many', { outcome: 'too-many' }, new AccountApiError('/sns/jscode2session', 45011, 'slower')],
    ['away', { outcome: 'away', because: 'unreachable' }, new AccountApiUnreachableError('/sns/jscode2session', new Error('reset'))],
    ['away', { outcome: 'away', because: 'settings' }, new AccountApiError('/sns/jscode2session', 40125, 'invalid appsecret')],
  ])('is %s when it is not the code’s fault', async (_what, outcome, error) => {
    const bench = await openAccountBench({ openLogin: () => Promise.reject(error) })
    expect(await loginMiniProgram(bench.context, miniProgram, input)).toEqual(outcome)
  })

  it('is limited per address, and WeChat is not asked above the limit', async () => {
    const bench = await openAccountBench({ openLogin: async () => ({ openId }) })
    const logins = await Promise.all(Array.from({ length: 60 }, () => loginMiniProgram(bench.context, miniProgram, input)))
    const known = logins.filter(({ outcome }) => outcome === 'known').length
    expect(known).toBeLessThan(60)
    expect(bench.calls.openLogin).toBe(known)
    expect(await loginMiniProgram(bench.context, miniProgram, { ...input, clientAddress: '203.0.113.8' })).toMatchObject({
      outcome: 'known',
    })
  })
})
