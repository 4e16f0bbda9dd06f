import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openMerchants } from './merchants.ts'
import { temporaryFolder } from './testing/bench.ts'
import { provideMerchants } from './testing/merchants.ts'
import { newestCertificate } from './v3/platform.ts'

async function openKnown() {
  const dataDir = temporaryFolder()
  await provideMerchants(dataDir)
  const dir = join(dataDir, 'mock-wechat')
  const merchants = await openMerchants(dir)
  const mchid = merchants.all[0]?.mchid ?? ''
  return { dir, merchants, mchid, file: join(dir, 'merchants.json') }
}

describe('the merchants', () => {
  it('have keys and certificates that fit each other, each their own', async () => {
    const { merchants } = await openKnown()
    for (const merchant of merchants.all) {
      const own = new X509Certificate(merchant.merchantCertificate)
      expect(own.checkPrivateKey(createPrivateKey(merchant.merchantPrivateKey))).toBe(true)
      expect(own.subject).toContain(`CN=${merchant.mchid}`)
      expect(own.serialNumber).toBe(merchant.merchantSerial)
      expect(merchant.apiV3Key).toMatch(/^[0-9A-Za-z]{32}$/)
      const { publicKeyId, publicKey, privateKey } = merchant.platform
      expect(publicKeyId).toMatch(new RegExp(`^PUB_KEY_ID_01${merchant.mchid}\\d{22}$`))
      expect(createPublicKey(privateKey).equals(createPublicKey(publicKey))).toBe(true)
      const newest = newestCertificate(merchant.platform)
      const platform = new X509Certificate(newest.certificate)
      expect(platform.serialNumber).toBe(newest.serial)
      expect(platform.checkPrivateKey(createPrivateKey(newest.privateKey))).toBe(true)
      expect([platform.validFrom, platform.validTo].map(Date.parse)).toEqual([newest.effectiveAt, newest.expiresAt].map(Date.parse))
    }
    const secrets = merchants.all.flatMap(({ apiV3Key, merchantPrivateKey, platform }) => [
      apiV3Key,
      merchantPrivateKey,
      platform.privateKey,
    ])
    expect(new Set(secrets).size).toBe(secrets.length)
  })

  it('keep what an earlier version stored, get the rest, and are the same after a restart', async () => {
    const { dir, file, merchants } = await openKnown()
    const earlier = merchants.all.map(({ mchid, name, appids, apiKeyV2 }) => ({ mchid, name, appids, apiKeyV2 }))
    writeFileSync(file, JSON.stringify(earlier))
    const completed = await openMerchants(dir)
    expect(completed.all).toMatchObject(earlier)
    expect(completed.all[0]?.signing).toEqual({ mode: 'pubkey', share: 0.5, probes: 0 })
    expect((await openMerchants(dir)).all).toEqual(completed.all)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('get a new platform certificate beside the last one, and keep it', async () => {
    const { dir, merchants, mchid } = await openKnown()
    const before = merchants.find(mchid)?.platform.certificates ?? []
    await merchants.rotateCertificate(mchid)
    const during = merchants.find(mchid)?.platform.certificates ?? []
    expect(during).toMatchObject([...before, { serial: expect.stringMatching(/^5[0-9A-F]{39}$/) }])
    await merchants.rotateCertificate(mchid)
    expect(merchants.find(mchid)?.platform.certificates).toMatchObject([during[1], {}])
    expect((await openMerchants(dir)).all).toEqual(merchants.all)
  })

  it('keep how they are signed to', async () => {
    const { dir, merchants, mchid } = await openKnown()
    merchants.setSigning(mchid, { mode: 'mixed' })
    merchants.setSigning(mchid, { share: 0.1 })
    expect((await openMerchants(dir)).find(mchid)?.signing).toMatchObject({ mode: 'mixed', share: 0.1 })
    expect((await openMerchants(dir)).all[1]?.signing.mode).toBe('pubkey')
  })

  it('do not exist under another number', async () => {
    const { merchants, file } = await openKnown()
    const before = readFileSync(file, 'utf8')
    expect(merchants.find('1900000109')).toBeUndefined()
    expect(() => merchants.setSigning('1900000109', { mode: 'cert' })).toThrow(RangeError)
    await expect(merchants.rotateCertificate('1900000109')).rejects.toThrow(RangeError)
    expect(readFileSync(file, 'utf8')).toBe(before)
  })
})
