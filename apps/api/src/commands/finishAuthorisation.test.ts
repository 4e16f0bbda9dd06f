import { describe, expect, it, vi } from 'vitest'
import { payerSessionMs } from '../domain/payer.ts'
import { AccountApiError, AccountApiUnreachableError, type AccountApi } from '../officialAccount/accountApi.ts'
import { findPayerSession } from '../storage/payerSessions.ts'
import { officialAccount, openAccountBench } from '../testing/accountBench.ts'
import { authorisationMs, beginAuthorisation } from './beginAuthorisation.ts'
import { finishAuthorisation } from './finishAuthorisation.ts'

const openId = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const known: AccountApi['exchangeCode'] = async () => ({ openId, isSnapshot: false })
const refusing = (errcode: number) => async () => Promise.reject(new AccountApiError('/sns/oauth2/access_token', errcode, 'no'))

type Bench = Awaited<ReturnType<typeof openAccountBench>>

/** A browser that was sent to WeChat, and has its state back. */
async function begin({ context }: Bench, { returnPath = '/pay/x', browser = null }: { returnPath?: string; browser?: string | null } = {}) {
  const begun = await beginAuthorisation(context, officialAccount, { returnPath, browser, clientAddress: '203.0.113.7' })
  if (!begun) throw new Error('too many')
  const state = new URL(begun.url).searchParams.get('state') ?? ''
  return { url: begun.url, state, browser: begun.browser, code: 'CODE1' }
}

const finish = (bench: Bench, callback: { state: string; code: string; browser: string | null }) =>
  finishAuthorisation(bench.context, officialAccount, callback)

const whoHas = ({ db, clock }: Bench, token: string) =>
  findPayerSession(db, token, { source: 'official-account', appId: officialAccount.appId, now: clock.now() })

async function started(exchangeCode?: AccountApi['exchangeCode']) {
  const bench = await openAccountBench(exchangeCode ? { exchangeCode } : {})
  return { bench, callback: await begin(bench) }
}

describe('the way to WeChat', () => {
  it('is WeChat’s address with its parameters in WeChat’s order, and a state of letters and digits', async () => {
    const { callback } = await started()
    expect(callback.url).toMatch(
      /^https:\/\/open\.weixin\.qq\.com\/connect\/oauth2\/authorize\?appid=wxd678efh567hg6787&redirect_uri=https%3A%2F%2Fshop\.example%2Fwechat%2Foauth%2Fcallback&response_type=code&scope=snsapi_base&state=[A-Za-z0-9]{32}#wechat_redirect$/,
    )
  })

  it('is another one each time, for a browser that stays itself', async () => {
    const { bench, callback } = await started()
    const second = await begin(bench, { browser: callback.browser })
    expect(second.state).not.toBe(callback.state)
    expect(second.browser).toBe(callback.browser)
    expect((await begin(bench, { browser: 'chosen by somebody' })).browser).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  it('is closed for a while to an address that asks too often', async () => {
    const bench = await openAccountBench()
    const ask = () => beginAuthorisation(bench.context, officialAccount, { returnPath: '/', browser: null, clientAddress: '203.0.113.7' })
    const all = await Promise.all(Array.from({ length: 150 }, ask))
    expect(all.filter((begun) => begun === null).length).toBeGreaterThan(0)
    expect(await bench.rowsOf('authorisations')).toBe(all.filter((begun) => begun !== null).length)
    const other = { returnPath: '/', browser: null, clientAddress: '203.0.113.8' }
    expect(await beginAuthorisation(bench.context, officialAccount, other)).not.toBeNull()
  })
})

describe('a browser that comes back', () => {
  it('is known by the openid that WeChat told our server', async () => {
    const { bench, callback } = await started(known)
    const finished = await finish(bench, callback)
    expect(finished).toMatchObject({ known: true, returnPath: '/pay/x' })
    expect(finished.known && (await whoHas(bench, finished.token))).toEqual({
      appId: officialAccount.appId,
      openId,
      source: 'official-account',
    })
  })

  it('twice at once with one code is known twice, and the code is exchanged once', async () => {
    const inTheMiddle = Promise.withResolvers<undefined>()
    const { bench, callback } = await started(async () => {
      await inTheMiddle.promise
      return { openId, isSnapshot: false }
    })
    const both = [finish(bench, callback), finish(bench, callback), finish(bench, callback)]
    await vi.waitUntil(() => bench.calls.exchangeCode === 1)
    inTheMiddle.resolve(undefined)
    const tokens = (await Promise.all(both)).map((finished) => (finished.known ? finished.token : ''))
    expect(bench.calls.exchangeCode).toBe(1)
    for (const token of tokens) expect(await whoHas(bench, token)).toMatchObject({ openId })
  })

  it('again within five minutes is known without asking WeChat again, and not after that', async () => {
    const { bench, callback } = await started(known)
    await finish(bench, callback)
    bench.clock.advance(300_000)
    expect(await finish(bench, callback)).toMatchObject({ known: true })
    bench.clock.advance(1)
    expect(await finish(bench, callback)).toMatchObject({ known: false, problem: 'used' })
    expect(bench.calls.exchangeCode).toBe(1)
  })

  it('over and over does not fill the table of payers', async () => {
    const { bench, callback } = await started(known)
    const all = await Promise.all(Array.from({ length: 60 }, () => finish(bench, callback)))
    const knownTimes = all.filter((finished) => finished.known).length
    expect(knownTimes).toBeGreaterThan(10)
    expect(knownTimes).toBeLessThan(40)
    expect(await bench.rowsOf('payer_sessions')).toBe(knownTimes)
    expect(all.find((finished) => !finished.known)).toEqual({ known: false, problem: 'busy', returnPath: '/pay/x' })
  })

  it('is taken up by another process when the one that asked WeChat died', async () => {
    const dies = Promise.withResolvers<never>()
    const answers = [() => dies.promise, () => known(officialAccount, '')]
    const { bench, callback } = await started(() => (answers.shift() ?? (() => dies.promise))())
    const dead = finish(bench, callback)
    await vi.waitUntil(() => bench.calls.exchangeCode === 1)
    bench.clock.advance(10_001)
    expect(await finish(bench, callback)).toMatchObject({ known: true })
    dies.reject(new AccountApiUnreachableError('/sns/oauth2/access_token', new Error('reset')))
    // What the first one found out afterwards changes nothing.
    expect(await dead).toMatchObject({ known: false })
    expect(await finish(bench, callback)).toMatchObject({ known: true })
  })

  it('is not known any more after some hours', async () => {
    const { bench, callback } = await started(known)
    const finished = await finish(bench, callback)
    const token = finished.known ? finished.token : ''
    bench.clock.advance(payerSessionMs - 1)
    expect(await whoHas(bench, token)).not.toBeNull()
    bench.clock.advance(1)
    expect(await whoHas(bench, token)).toBeNull()
  })

  it('leaves nothing in the database that lets who reads it be the payer', async () => {
    const { bench, callback } = await started(known)
    const finished = await finish(bench, callback)
    const stored = (await bench.textOf('authorisations')) + (await bench.textOf('payer_sessions'))
    for (const secret of [callback.state, callback.browser, callback.code, finished.known ? finished.token : '?']) {
      expect(stored).not.toContain(secret)
    }
  })
})

describe('refused, with WeChat not asked and nothing stored', () => {
  it.each<[string, string, (bench: Bench, callback: Awaited<ReturnType<typeof begin>>) => unknown]>([
    ['a forged state', 'unknown', (_bench, callback) => Object.assign(callback, { state: 'A'.repeat(32) })],
    ['the state of another browser', 'other-browser', (_bench, callback) => Object.assign(callback, { browser: 'B'.repeat(43) })],
    ['a browser without our cookie', 'other-browser', (_bench, callback) => Object.assign(callback, { browser: null })],
    ['a state that is too old', 'expired', (bench) => bench.clock.advance(authorisationMs)],
  ])('%s', async (_what, problem, spoil) => {
    const { bench, callback } = await started(known)
    await spoil(bench, callback)
    expect(await finish(bench, callback)).toMatchObject({ known: false, problem })
    expect(bench.calls.exchangeCode).toBe(0)
    expect(await bench.rowsOf('payer_sessions')).toBe(0)
  })

  it('a state of another appid', async () => {
    const { bench, callback } = await started(known)
    const other = { ...officialAccount, appId: 'wx1111111111111111' }
    expect(await finishAuthorisation(bench.context, other, callback)).toMatchObject({ known: false, problem: 'unknown' })
    expect(bench.calls.exchangeCode).toBe(0)
  })

  it('another code for a state that was used', async () => {
    const { bench, callback } = await started(known)
    await finish(bench, callback)
    expect(await finish(bench, { ...callback, code: 'CODE2' })).toMatchObject({ known: false, problem: 'used' })
    expect(bench.calls.exchangeCode).toBe(1)
    expect(await bench.rowsOf('payer_sessions')).toBe(1)
  })

  it('says nothing to another browser about where the first one wanted to go, and does not stand in its way', async () => {
    const { bench, callback } = await started(known)
    expect(await finish(bench, { ...callback, browser: 'B'.repeat(43) })).toEqual({
      known: false,
      problem: 'other-browser',
      returnPath: null,
    })
    expect(await finish(bench, callback)).toMatchObject({ known: true })
  })
})

describe('refused by WeChat, and nobody is known', () => {
  it.each<[string, string, AccountApi['exchangeCode']]>([
    ['invalid code (40029)', 'refused', refusing(40029)],
    ['code been used (40163)', 'refused', refusing(40163)],
    ['code expired (42003)', 'refused', refusing(42003)],
    ['the visitor of a snapshot page', 'snapshot', async () => ({ openId, isSnapshot: true })],
    ['a wrong AppSecret (40125)', 'settings', refusing(40125)],
    ['no answer', 'unreachable', () => Promise.reject(new AccountApiUnreachableError('/sns/oauth2/access_token', new Error('reset')))],
  ])('%s', async (_what, problem, exchangeCode) => {
    const { bench, callback } = await started(exchangeCode)
    expect(await finish(bench, callback)).toEqual({ known: false, problem, returnPath: '/pay/x' })
    expect(await finish(bench, callback)).toMatchObject({ known: false })
    expect(bench.calls.exchangeCode).toBe(1)
    expect(await bench.rowsOf('payer_sessions')).toBe(0)
  })
})
