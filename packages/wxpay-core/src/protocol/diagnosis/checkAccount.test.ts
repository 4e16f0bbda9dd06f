import { describe, expect, it } from 'vitest'
import { checkAccount } from './checkAccount.ts'

const check = (appId: string, mchId: string) => checkAccount({ appId, mchId }).map(({ check, state }) => `${check} ${state}`)

describe('the numbers of an account', () => {
  it('are fine in the form that WeChat gives them', () => {
    expect(check('wxd678efb567bf6787', '1900000109')).toEqual(['appid ok', 'mchid ok'])
    expect(check('wwd678efb567bf6787', '19000001')).toEqual(['appid ok', 'mchid ok'])
  })

  it('raise a doubt in an unusual form, for WeChat may have others', () => {
    expect(check('wxd678', '190')).toEqual(['appid warning', 'mchid warning'])
  })

  it('are wrong when they cannot be such numbers', () => {
    expect(check('gh_0123456789ab', 'mch1900000109')).toEqual(['appid fault', 'mchid fault'])
    expect(check('wx-678', '')).toEqual(['appid fault', 'mchid fault'])
  })

  it('tell the original id, which stands beside the appid, by its name', () => {
    expect(checkAccount({ appId: 'gh_0123456789ab', mchId: '1900000109' })[0]?.detail).toContain('原始ID')
  })
})
