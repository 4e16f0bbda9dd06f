import { describe, expect, it } from 'vitest'
import { ErrorBody, errorTable, isErrorCode } from './errors.ts'
import { routes } from './routes.ts'

describe('the table of errors', () => {
  it.each(Object.entries(errorTable))('%s has a status of an error and a sentence', (code, { status, message }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
    expect(message).toMatch(/^[A-Z].*\.$/)
  })

  it('knows its own codes only', () => {
    expect(isErrorCode('not_found')).toBe(true)
    expect(isErrorCode('toString')).toBe(false)
    expect(isErrorCode('NOT_FOUND')).toBe(false)
  })

  it('describes bodies that may carry the view of an order beside the error', () => {
    const body = { error: { code: 'order_not_payable', message: 'No.', requestId: 'r1' }, view: {} }
    expect(ErrorBody.safeParse(body).success).toBe(true)
    expect(ErrorBody.safeParse({ error: { code: 'x' } }).success).toBe(false)
  })
})

describe('the addresses', () => {
  it('carry a token as one part of the path, whatever it holds', () => {
    expect(routes.checkoutStatus('a/b?c')).toBe('/v1/checkouts/a%2Fb%3Fc/status')
    expect(routes.checkout('a')).toBe('/v1/checkouts/a')
    expect(routes.productCode('a/b?c')).toBe('/v1/products/a%2Fb%3Fc/code')
    expect(routes.authorisation('/pay/a?b=c&d')).toBe('/wechat/oauth/start?return=%2Fpay%2Fa%3Fb%3Dc%26d')
  })
})
