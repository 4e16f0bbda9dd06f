import { describe, expect, it } from 'vitest'
import { v3, wechatPublicKey } from '../../testing/v3.ts'
import { createKeyRing, type KeyRingParts } from './keyRing.ts'
import { NoPlatformCertificatesError, type PlatformCertificates } from './platformCertificates.ts'

const oldSerial = v3.keys.platform_cert_old.serial_no
const newSerial = v3.keys.platform_cert_new.serial_no
const publicKey = { id: v3.keys.wechatpay_public_key.id, key: wechatPublicKey }
const hour = 3_600_000
const never = new AbortController().signal

const list = (...serials: string[]): PlatformCertificates =>
  new Map(serials.map((serial) => [serial, { key: wechatPublicKey, expiresAtMs: 1_000 * hour }]))

/** A ring whose clock and downloads are the test's: each download is answered by the next answer, the last one for ever. */
function ring(answers: (() => Promise<PlatformCertificates>)[], parts: Partial<KeyRingParts> = {}) {
  const state = { elapsed: 0, now: 0, downloads: 0 }
  const made = createKeyRing({
    publicKey: undefined,
    download: () => {
      const answer = answers[Math.min(state.downloads++, answers.length - 1)]
      return answer ? answer() : Promise.reject(new Error('no answer'))
    },
    now: () => state.now,
    elapsedMs: () => state.elapsed,
    ...parts,
  })
  return { ring: made, state }
}

const settle = () => new Promise(setImmediate)

describe('the ring of WeChat’s keys', () => {
  it('knows the public key without asking anybody, and by its exact id only', async () => {
    const { ring: made, state } = ring([], { publicKey })
    expect(made.get(publicKey.id)).toBe(publicKey.key)
    for (const serial of [`${publicKey.id}1`, publicKey.id.toLowerCase(), 'PUB_KEY_ID_', '', '__proto__', 'toString'])
      expect(await made.lookUp(serial, never)).toBeUndefined()
    expect(state.downloads).toBe(0)
  })

  it('downloads when a certificate is asked for that it does not know', async () => {
    const { ring: made, state } = ring([() => Promise.resolve(list(oldSerial, newSerial))])
    expect(made.get(newSerial)).toBeUndefined()
    expect(await made.lookUp(newSerial, never)).toBe(wechatPublicKey)
    expect(made.get(oldSerial)).toBe(wechatPublicKey)
    expect(state.downloads).toBe(1)
  })

  it('downloads once for all who ask meanwhile', async () => {
    const { ring: made, state } = ring([() => Promise.resolve(list(newSerial))])
    const found = await Promise.all(Array.from({ length: 100 }, () => made.lookUp(newSerial, never)))
    expect(found.every((key) => key === wechatPublicKey)).toBe(true)
    expect(state.downloads).toBe(1)
  })

  it('asks again after a minute at the earliest, whether the last download went well or not', async () => {
    const failing = () => Promise.reject(new Error('no connection'))
    for (const [answer, parts] of [[() => Promise.resolve(list(oldSerial)), {}] as const, [failing, { publicKey }] as const]) {
      const { ring: made, state } = ring([answer, () => Promise.resolve(list(newSerial))], parts)
      for (let index = 0; index < 100; index++) expect(await made.lookUp(newSerial, never)).toBeUndefined()
      state.elapsed = 59_999
      expect(await made.lookUp(newSerial, never)).toBeUndefined()
      expect(state.downloads).toBe(1)
      state.elapsed = 60_000
      expect(await made.lookUp(newSerial, never)).toBe(wechatPublicKey)
      expect(state.downloads).toBe(2)
    }
  })

  it('asks again after five seconds when the first download failed and there is no other key to verify by', async () => {
    const { ring: made, state } = ring([() => Promise.reject(new Error('no connection')), () => Promise.resolve(list(newSerial))])
    for (let index = 0; index < 100; index++) expect(await made.lookUp(newSerial, never)).toBeUndefined()
    state.elapsed = 4_999
    expect(await made.lookUp(newSerial, never)).toBeUndefined()
    expect(state.downloads).toBe(1)
    state.elapsed = 5_000
    expect(await made.lookUp(newSerial, never)).toBe(wechatPublicKey)
  })

  it('asks at once for the next unknown certificate when the last download brought what was asked for, and then once only', async () => {
    const { ring: made, state } = ring([() => Promise.resolve(list(oldSerial)), () => Promise.resolve(list(oldSerial, newSerial))])
    await made.lookUp(oldSerial, never)
    expect(await made.lookUp(newSerial, never)).toBe(wechatPublicKey)
    expect(state.downloads).toBe(2)
    for (let index = 0; index < 100; index++) expect(await made.lookUp('7'.repeat(40), never)).toBeUndefined()
    expect(state.downloads).toBe(3)
  })

  it('remembers for an hour that a merchant has no certificates', async () => {
    const none = () => Promise.reject(new NoPlatformCertificatesError('HTTP 404 RESOURCE_NOT_EXISTS'))
    const { ring: made, state } = ring([none, () => Promise.resolve(list(newSerial))], { publicKey })
    expect(await made.lookUp(newSerial, never)).toBeUndefined()
    state.elapsed = hour - 1
    expect(await made.lookUp(newSerial, never)).toBeUndefined()
    expect(state.downloads).toBe(1)
    state.elapsed = hour
    expect(await made.lookUp(newSerial, never)).toBe(wechatPublicKey)
  })

  it('asks again after a minute all the same when there is no public key: without certificates nothing can be verified', async () => {
    const none = () => Promise.reject(new NoPlatformCertificatesError('HTTP 404 RESOURCE_NOT_EXISTS'))
    const { ring: made, state } = ring([none, () => Promise.resolve(list(newSerial))])
    expect(await made.lookUp(newSerial, never)).toBeUndefined()
    state.elapsed = 60_000
    expect(await made.lookUp(newSerial, never)).toBe(wechatPublicKey)
  })

  it('tells why the last download failed, until one goes well', async () => {
    const { ring: made, state } = ring([() => Promise.reject(new Error('no connection')), () => Promise.resolve(list(newSerial))])
    await made.lookUp(newSerial, never)
    expect(made.lastFailure()).toMatchObject({ message: 'no connection' })
    state.elapsed = hour
    await made.lookUp(newSerial, never)
    expect(made.lastFailure()).toBeUndefined()
  })

  it('keeps what it has when a download fails, and drops what WeChat lists no more', async () => {
    const { ring: made, state } = ring([
      () => Promise.resolve(list(oldSerial)),
      () => Promise.reject(new Error('no connection')),
      () => Promise.resolve(list(newSerial)),
    ])
    await made.lookUp(oldSerial, never)
    state.elapsed = hour
    await made.lookUp(newSerial, never)
    expect(made.get(oldSerial)).toBe(wechatPublicKey)
    state.elapsed = 2 * hour
    await made.lookUp(newSerial, never)
    expect(made.get(oldSerial)).toBeUndefined()
    expect(made.get(newSerial)).toBe(wechatPublicKey)
  })

  it('downloads anew in the background when the list is ten hours old, and answers from what it has', async () => {
    const { ring: made, state } = ring([() => Promise.resolve(list(oldSerial)), () => Promise.resolve(list(oldSerial, newSerial))], {
      publicKey,
    })
    await made.lookUp(oldSerial, never)
    state.elapsed = 10 * hour - 1
    made.get(oldSerial)
    expect(state.downloads).toBe(1)
    state.elapsed = 10 * hour
    made.get(publicKey.id)
    expect(state.downloads, 'the public key does not need certificates').toBe(1)
    expect(made.get(oldSerial)).toBe(wechatPublicKey)
    expect(made.get(oldSerial)).toBe(wechatPublicKey)
    expect(state.downloads).toBe(2)
    await settle()
    expect(made.get(newSerial)).toBe(wechatPublicKey)
  })

  it('goes on with what it has when the download in the background fails', async () => {
    const { ring: made, state } = ring([() => Promise.resolve(list(oldSerial)), () => Promise.reject(new Error('no connection'))])
    await made.lookUp(oldSerial, never)
    state.elapsed = 11 * hour
    expect(made.get(oldSerial)).toBe(wechatPublicKey)
    await settle()
    for (let index = 0; index < 100; index++) expect(made.get(oldSerial)).toBe(wechatPublicKey)
    expect(state.downloads).toBe(2)
  })

  it('does not take a certificate that has expired, to the millisecond', async () => {
    const { ring: made, state } = ring([() => Promise.resolve(list(oldSerial))])
    await made.lookUp(oldSerial, never)
    state.now = 1_000 * hour - 1
    expect(made.get(oldSerial)).toBe(wechatPublicKey)
    state.now = 1_000 * hour
    expect(made.get(oldSerial)).toBeUndefined()
  })

  it('waits no longer than the asker has time, and the download goes on for the next', async () => {
    const { promise, resolve } = Promise.withResolvers<PlatformCertificates>()
    const { ring: made, state } = ring([() => promise])
    const patience = new AbortController()
    const asked = made.lookUp(newSerial, patience.signal)
    patience.abort()
    expect(await asked).toBeUndefined()
    expect(await made.lookUp(newSerial, patience.signal)).toBeUndefined()
    resolve(list(newSerial))
    expect(await made.lookUp(newSerial, never)).toBe(wechatPublicKey)
    expect(state.downloads).toBe(1)
  })

  it('hands the keys that it knows to the download', async () => {
    const seen: boolean[] = []
    const made = createKeyRing({
      publicKey,
      download: (known) => {
        seen.push(known(publicKey.id) === publicKey.key, known(newSerial) === undefined)
        return Promise.resolve(list(newSerial))
      },
      now: () => 0,
    })
    await made.lookUp(newSerial, never)
    expect(seen).toEqual([true, true])
  })
})
