import { internalCodes, Refused } from './refusal.ts'

/**
 * Public and https: WeChat's rules, beyond the shape that was checked before. The switch opens plain http for development.
 *
 * @throws {Refused} 400 PARAM_ERROR, in our words
 */
export function checkNotifyUrl(value: string, http: 'loopback' | 'any' | 'never'): string {
  if (!URL.canParse(value)) throw refused(value, 'notify_url is no address')
  const { hostname, protocol, username, password } = new URL(value)
  if (username || password) throw refused(value, 'notify_url must not carry a user')
  const loopback = /^(localhost|127(\.\d+){3})$/.test(hostname)
  const allowed = http === 'any' || (loopback ? http === 'loopback' : protocol === 'https:')
  if (!allowed) throw refused(value, 'notify_url must be https on a public host (switch MOCK_NOTIFY_HTTP)')
  return value
}

const refused = (value: string, reason: string) =>
  new Refused({
    status: 400,
    code: 'PARAM_ERROR',
    message: '商户回调地址不合法',
    detail: { location: 'body', value },
    reason,
    internal: internalCodes.illegalParameter,
  })
