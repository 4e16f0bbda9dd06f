import { describe, expect, it } from 'vitest'
import { readAccount } from './account.ts'

const own = { appId: 'wx0a1b2c3d4e5f6071', mchId: '1900006042' }

describe('an appid is ours', () => {
  it('when it is the one that we sign with, or one of the merchant’s other apps', () => {
    const { isOurs } = readAccount({ ...own, otherAppIds: ['wx0b2c3d4e5f607182'] })
    expect(['wx0a1b2c3d4e5f6071', 'wx0b2c3d4e5f607182'].map(isOurs)).toEqual([true, true])
    expect([undefined, '', 'wx0a1b2c3d4e5f6072', 'WX0A1B2C3D4E5F6071'].map(isOurs)).toEqual([false, false, false, false])
  })

  it('when it is the only one', () => {
    const { isOurs } = readAccount(own)
    expect([own.appId, 'wx0b2c3d4e5f607182'].map(isOurs)).toEqual([true, false])
  })

  it.each([
    ['appId', { ...own, appId: 'wx TELLTALE' }],
    ['mchId', { ...own, mchId: '' }],
    ['otherAppIds', { ...own, otherAppIds: ['wx0b2c3d4e5f607182', 'TELLTALE,wx'] }],
  ])('is not asked when %s cannot be right, and its value is not told', (name, options) => {
    expect(() => readAccount(options)).toThrow(new RegExp(`^${name} must be`))
    expect(() => readAccount(options)).not.toThrow(/TELLTALE/)
  })
})
