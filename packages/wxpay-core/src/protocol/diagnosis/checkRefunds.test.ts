import { describe, expect, it } from 'vitest'
import { tls } from '../../testing/tlsServer.ts'
import { checkRefunds } from './checkRefunds.ts'

const now = () => Date.parse('2026-12-01T00:00:00Z')
const mchId = '1900006042'
const v2 = {}
const states = (settings: Partial<Parameters<typeof checkRefunds>[0]>) =>
  checkRefunds({ mchId, v2, v3: null, now, ...settings }).map(({ check, state }) => `${check} ${state}`)

describe('whether refunds are possible', () => {
  it.each([
    ['a certificate in PEM', tls.merchant],
    ['PKCS#12', tls.p12],
  ])('they are over v2 with %s', (_case, certificate) => {
    const [seen, refunds] = checkRefunds({ mchId, v2, v3: null, certificate, now })
    expect(seen).toMatchObject({ check: 'certificate', state: 'ok', detail: expect.stringMatching(/^of 1900006042, .*valid until/) })
    expect(refunds).toMatchObject({ check: 'refunds', state: 'ok', detail: expect.stringContaining('possible') })
  })

  it('they are not over v2 without one, and are over v3', () => {
    expect(states({ certificate: null })).toEqual(['refunds warning'])
    expect(states({ v3: { merchantCertificate: null } })).toEqual(['refunds ok', 'refunds warning'])
    expect(states({ v2: null, v3: { merchantCertificate: null } })).toEqual(['refunds ok'])
  })

  it('says nothing twice of a certificate that is v3’s, too', () => {
    expect(states({ v3: { merchantCertificate: tls.merchant.cert }, certificate: tls.merchant })).toEqual(['refunds ok', 'refunds ok'])
  })

  it.each([
    ['of another key', { certificate: { key: tls.stranger.key, cert: tls.merchant.cert } }],
    ['of another merchant', { certificate: tls.merchant, mchId: '1900006043' }],
    ['that has ended', { certificate: tls.merchant, now: () => Date.parse('2200-01-01T00:00:00Z') }],
    ['that has not begun', { certificate: tls.p12, now: () => Date.parse('2020-01-01T00:00:00Z') }],
  ])('they are not over v2 with a certificate %s', (_case, settings) => {
    expect(states(settings)).toEqual(['certificate fault', 'refunds fault'])
  })

  it('names a file that cannot be opened', () => {
    expect(states({ certificate: tls.oldP12 })).toEqual(['certificate fault'])
  })
})
