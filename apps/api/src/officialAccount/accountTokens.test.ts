import { describe, expect, it, vi } from 'vitest'
import { officialAccount as keys, fakeAccountApi, openAccountBench } from '../testing/accountBench.ts'
import { AccountApiError, type AccountApi, type Credential } from './accountApi.ts'
import { createAccountTokens, CredentialUnavailableError } from './accountTokens.ts'

const bad = (errcode: number) => new AccountApiError('/cgi-bin/ticket/getticket', errcode, 'no')

/** Two processes of one account on one database, and what WeChat gives out. */
async function twoProcesses(given: Partial<AccountApi>) {
  const bench = await openAccountBench()
  const { api, calls } = fakeAccountApi(given)
  const open = () => createAccountTokens({ db: bench.db, clock: bench.clock, api, keys })
  return { ...bench, calls, one: open(), other: open() }
}

/** T1, T2 …: a new one at each call, good for two hours. */
function newTokens(expiresInSeconds = 7200): AccountApi['stableToken'] {
  let count = 0
  return async () => ({ value: `T${++count}`, expiresInSeconds })
}

const echo = async (token: string) => token

describe('the access_token', () => {
  it('is fetched once by however many ask at once, in several processes', async () => {
    const inTheMiddle = Promise.withResolvers<Credential>()
    const { one, other, calls } = await twoProcesses({ stableToken: () => inTheMiddle.promise })
    const all = [one, other, one, other, one, other].map((tokens) => tokens.withToken(echo))
    await vi.waitUntil(() => calls.stableToken === 1)
    inTheMiddle.resolve({ value: 'T1', expiresInSeconds: 7200 })
    expect(await Promise.all(all)).toEqual(Array.from({ length: 6 }, () => 'T1'))
    expect(calls.stableToken).toBe(1)
  })

  it('serves until five minutes before its end', async () => {
    const { one, other, clock } = await twoProcesses({ stableToken: newTokens() })
    expect(await one.withToken(echo)).toBe('T1')
    clock.advance(6_899_999)
    expect(await other.withToken(echo)).toBe('T1')
    clock.advance(1)
    expect(await other.withToken(echo)).toBe('T2')
    expect(await one.withToken(echo)).toBe('T2')
  })

  it('serves on in its last five minutes while another process fetches the next', async () => {
    const next = Promise.withResolvers<Credential>()
    const answers: Promise<Credential>[] = [Promise.resolve({ value: 'T1', expiresInSeconds: 7200 }), next.promise]
    const { one, other, clock, calls } = await twoProcesses({ stableToken: () => answers.shift() ?? next.promise })
    await one.withToken(echo)
    clock.advance(7_000_000)
    const fetching = one.withToken(echo)
    await vi.waitUntil(() => calls.stableToken === 2)
    expect(await other.withToken(echo)).toBe('T1')
    next.resolve({ value: 'T2', expiresInSeconds: 7200 })
    expect(await fetching).toBe('T2')
  })

  it.each([40001, 40014, 42001])(
    'is renewed once when WeChat says that it will not do (%i), and the call repeated once',
    async (errcode) => {
      const { one, calls } = await twoProcesses({ stableToken: newTokens() })
      const call = vi.fn((token: string) => (token === 'T1' ? Promise.reject(bad(errcode)) : Promise.resolve(`done with ${token}`)))
      expect(await one.withToken(call)).toBe('done with T2')
      expect(call.mock.calls).toEqual([['T1'], ['T2']])
      expect(calls.stableToken).toBe(2)
    },
  )

  it('is renewed once when two calls of it fail at once', async () => {
    const { one, other, calls } = await twoProcesses({ stableToken: newTokens() })
    await one.withToken(echo)
    const both = Promise.withResolvers<undefined>()
    let failed = 0
    const call = async (token: string) => {
      if (token !== 'T1') return token
      if (++failed === 2) both.resolve(undefined)
      await both.promise
      throw bad(40001)
    }
    expect(await Promise.all([one.withToken(call), other.withToken(call)])).toEqual(['T2', 'T2'])
    expect(calls.stableToken).toBe(2)
  })

  it('that is refused for ever ends in an error, not in a loop', async () => {
    const { one, calls } = await twoProcesses({ stableToken: newTokens() })
    const call = vi.fn(() => Promise.reject(bad(40001)))
    await expect(one.withToken(call)).rejects.toThrow(AccountApiError)
    expect(call).toHaveBeenCalledTimes(2)
    expect(calls.stableToken).toBe(2)
  })

  it('that WeChat gives out again though it refuses it is not tried again', async () => {
    const { one } = await twoProcesses({ stableToken: async () => ({ value: 'T1', expiresInSeconds: 7200 }) })
    const call = vi.fn(() => Promise.reject(bad(40001)))
    await expect(one.withToken(call)).rejects.toThrow(AccountApiError)
    expect(call).toHaveBeenCalledTimes(1)
  })

  it('is not asked for again at once when WeChat refuses it (45009): quota is not burnt', async () => {
    const { one, other, calls, clock } = await twoProcesses({ stableToken: () => Promise.reject(bad(45009)) })
    await expect(one.withToken(echo)).rejects.toThrow(CredentialUnavailableError)
    await expect(other.withToken(echo)).rejects.toThrow(/45009/)
    expect(calls.stableToken).toBe(1)
    clock.advance(30_000)
    await expect(other.withToken(echo)).rejects.toThrow(CredentialUnavailableError)
    expect(calls.stableToken).toBe(2)
  })

  it('is not asked for each time when WeChat gives out one that is near its end: quota is not burnt', async () => {
    const { one, other, calls, clock } = await twoProcesses({ stableToken: newTokens(200) })
    for (const tokens of [one, other, one]) expect(await tokens.withToken(echo)).toBe('T1')
    expect(calls.stableToken).toBe(1)
    clock.advance(30_000)
    expect(await other.withToken(echo)).toBe('T2')
  })

  it('is fetched by another process when the one that fetched it died', async () => {
    const answers: Promise<Credential>[] = [new Promise(() => undefined), Promise.resolve({ value: 'T2', expiresInSeconds: 7200 })]
    const { one, other, calls, clock } = await twoProcesses({ stableToken: () => answers.shift() ?? Promise.reject(new Error('more')) })
    void one.withToken(echo)
    await vi.waitUntil(() => calls.stableToken === 1)
    clock.advance(20_001)
    expect(await other.withToken(echo)).toBe('T2')
  })
})

describe('the jsapi ticket', () => {
  it('is fetched once, with the token, and kept', async () => {
    const jsapiTicket = async (token: string) => ({ value: `ticket of ${token}`, expiresInSeconds: 7200 })
    const { one, other, calls } = await twoProcesses({ stableToken: newTokens(), jsapiTicket })
    expect(await Promise.all([one.jsapiTicket(), other.jsapiTicket()])).toEqual(['ticket of T1', 'ticket of T1'])
    expect(calls).toMatchObject({ stableToken: 1, jsapiTicket: 1 })
  })

  it('is fetched with a renewed token when the first will not do', async () => {
    const jsapiTicket = (token: string) =>
      token === 'T1' ? Promise.reject(bad(40001)) : Promise.resolve({ value: `ticket of ${token}`, expiresInSeconds: 7200 })
    const { one } = await twoProcesses({ stableToken: newTokens(), jsapiTicket })
    expect(await one.jsapiTicket()).toBe('ticket of T2')
  })
})
