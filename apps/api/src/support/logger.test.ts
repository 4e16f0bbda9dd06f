import { describe, expect, it } from 'vitest'
import { createLogger, type Logger } from './logger.ts'

const token = 'Zm9vYmFyYmF6cXV4cXV1eA'

/** What one call writes, as text, and as the JSON that it must still be. */
function written(log: (logger: Logger) => void): string {
  let line = ''
  log(createLogger({ destination: { write: (text) => (line += text) } }))
  expect(JSON.parse(line)).toHaveProperty('time')
  return line
}

describe('the log', () => {
  it('shows which call failed, and every reason why', () => {
    const tried = new AggregateError([new Error('connect ECONNREFUSED 127.0.0.1:1'), new Error('getaddrinfo ENOTFOUND x')], 'no connection')
    const line = written((logger) => logger.warn({ err: new Error('no trustworthy answer to /pay/unifiedorder', { cause: tried }) }, 'x'))
    for (const words of ['/pay/unifiedorder', 'ECONNREFUSED', 'ENOTFOUND']) expect(line).toContain(words)
  })

  it.each([
    'authorization',
    'sign',
    'openid',
    'openId',
    'token',
    'key',
    'apiV3Key',
    'merchantPrivateKey',
    'password',
    'paySign',
    'accessToken',
    'ticket',
    'session_key',
  ])('never shows the field %s', (name) => {
    expect(written((logger) => logger.info({ deep: { [name]: 'hush"hush' } }, 'x'))).not.toContain('hush')
    expect(written((logger) => logger.child({ [name]: 'hush' }).info('x'))).not.toContain('hush')
  })

  it.each([
    `GET /v1/checkouts/${token}/status failed`,
    `https://shop.example/pay/${token}?x=1`,
    `/receipt/${token}`,
    `<xml><sign><![CDATA[${token}]]></sign></xml>`,
    `<openid>${token}</openid>`,
    `appid=wx1&key=${token}`,
    `Authorization: Bearer ${token}`,
    `postgres://app:${token}@db/shop`,
    `{"payer":{"openid":"${token}"}}`,
    `{"openid" : "${token}"}`,
    `WECHATPAY2-SHA256-RSA2048 mchid="1900000109",signature="${token}=="`,
    `-----BEGIN PRIVATE KEY-----\n${token}/+A==\n-----END PRIVATE KEY-----\n`,
    `-----BEGIN RSA PRIVATE KEY-----\n${token}`,
    `https://api.weixin.qq.com/sns/jscode2session?appid=wx1&secret=${token}&js_code=${token}`,
    `/cgi-bin/ticket/getticket?access_token=${token}&type=jsapi`,
    `/wechat/oauth/callback?code=${token}&state=${token}`,
    `wxpay_browser=${token}; wxpay_payer=${token}`,
    `{"session_key":"${token}"}`,
    `{"access_token":"${token}"}`,
  ])('blots out what is secret in the text %s', (text) => {
    expect(written((logger) => logger.info(text))).not.toContain(token)
    expect(written((logger) => logger.info({ url: text }, 'x'))).not.toContain(token)
    expect(written((logger) => logger.error({ err: new Error('outer', { cause: new Error(text) }) }, 'x'))).not.toContain(token)
  })

  it('leaves out the row that a database error carries', () => {
    const error = Object.assign(new Error('duplicate key value'), { code: '23505', detail: `Key (token)=(${token}) already exists.` })
    const line = written((logger) => logger.error({ err: error }, 'x'))
    expect(line).not.toContain(token)
    expect(line).toContain('23505')
  })

  it('shows patterns of routes as they are', () => {
    expect(written((logger) => logger.info({ route: '/v1/checkouts/:token/status' }, 'request'))).toContain('/v1/checkouts/:token/status')
  })
})
