import { describe, expect, it } from 'vitest'
import { defaultSwitches, loadConfig } from './config.ts'

describe('settings', () => {
  it('have working defaults', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 3001,
      tlsPort: 3002,
      dataDir: '.data',
      logLevel: 'warn',
      switches: defaultSwitches,
    })
  })

  it('let a second copy listen on TLS where nobody does, and nobody when it is off', () => {
    expect(loadConfig({ MOCK_WECHAT_PORT: '4001' }).tlsPort).toBe(0)
    expect(loadConfig({ MOCK_WECHAT_PORT: '4001', MOCK_WECHAT_TLS_PORT: '4002' }).tlsPort).toBe(4002)
    expect(loadConfig({ MOCK_WECHAT_TLS_PORT: 'off' }).tlsPort).toBeUndefined()
    expect(() => loadConfig({ MOCK_WECHAT_TLS_PORT: '70000' })).toThrow(/MOCK_WECHAT_TLS_PORT/)
  })

  it('name all that is wrong at once, and no value', () => {
    const bad = { MOCK_WECHAT_PORT: '70000', MOCK_EXPIRED_STATE: 'secret-value', MOCK_MIN_EXPIRE_SECONDS: '-1' }
    expect(() => loadConfig(bad)).toThrow(
      /MOCK_WECHAT_PORT must be at most 65535\n.*MOCK_MIN_EXPIRE_SECONDS must be at least 0\n.*MOCK_EXPIRED_STATE must be CLOSED or NOTPAY$/,
    )
    expect(() => loadConfig(bad)).not.toThrow(/secret-value/)
  })

  it('say of a port what would do, and of an address', () => {
    expect(() => loadConfig({ MOCK_WECHAT_PORT: 'abc', MOCK_PUBLIC_URL: 'ftp://secret-value' })).toThrow(
      /^bad settings:\n {2}MOCK_WECHAT_PORT must be a whole number\n {2}MOCK_PUBLIC_URL must be an http or https address$/,
    )
  })
})
