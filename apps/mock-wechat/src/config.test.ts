import { describe, expect, it } from 'vitest'
import { defaultSwitches, loadConfig } from './config.ts'

describe('settings', () => {
  it('have working defaults', () => {
    expect(loadConfig({})).toEqual({ host: '127.0.0.1', port: 3001, dataDir: '.data', logLevel: 'warn', switches: defaultSwitches })
  })

  it('name all that is wrong at once, and no value', () => {
    const bad = { MOCK_WECHAT_PORT: '70000', MOCK_EXPIRED_STATE: 'secret-value', MOCK_MIN_EXPIRE_SECONDS: '-1' }
    expect(() => loadConfig(bad)).toThrow(/MOCK_WECHAT_PORT.*MOCK_MIN_EXPIRE_SECONDS.*MOCK_EXPIRED_STATE/)
    expect(() => loadConfig(bad)).not.toThrow(/secret-value/)
  })
})
