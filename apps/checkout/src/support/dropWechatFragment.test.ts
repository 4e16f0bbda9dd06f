import { afterEach, describe, expect, it } from 'vitest'
import { dropWechatFragment } from './dropWechatFragment.ts'

/** @returns what the address bar holds afterwards, and by how much the way back has grown */
function after(address: string): { address: string; entries: number } {
  window.history.replaceState({ kept: true }, '', address)
  const before = window.history.length
  dropWechatFragment()
  const { pathname, search, hash } = window.location
  return { address: pathname + search + hash, entries: window.history.length - before }
}

afterEach(() => window.history.replaceState(null, '', '/'))

describe('the fragment of WeChat’s authorisation', () => {
  it('leaves the address, and nothing else does', () => {
    expect(after('/pay/abc?from=chat#wechat_redirect')).toEqual({ address: '/pay/abc?from=chat', entries: 0 })
    expect(window.history.state).toEqual({ kept: true })
  })

  it('is the only one that is taken away', () => {
    expect(after('/pay/abc#help').address).toBe('/pay/abc#help')
    expect(after('/pay/abc').address).toBe('/pay/abc')
  })
})
