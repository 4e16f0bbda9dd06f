import { createMessageCipher, messageSignature } from 'wxpay-core/protocol'
import { describe, expect, it } from 'vitest'
import {
  accountId,
  aesKey,
  eventXml,
  messageXml,
  openId,
  plainPush,
  plainSettings,
  safePush,
  safeSettings,
  sealedWithBadPadding,
  stampAt,
  token,
  type Push,
} from '../testing/pushes.ts'
import { openPush, openServerCheck, PushRefusedError, type MessageSettings, type PushQuery } from './push.ts'

const now = new Date('2026-01-01T00:00:00Z')
const later = (ms: number) => new Date(now.getTime() + ms)
const open = ({ query, raw }: Push, settings: MessageSettings = safeSettings, at = now) => openPush(settings, query, raw, at)

function refusalOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof PushRefusedError) return error.reason
    throw error
  }
  return 'taken'
}

const doctype = '<!DOCTYPE xml [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'

describe('a push', () => {
  it.each([
    ['in the clear', () => open(plainPush(messageXml(), now), plainSettings)],
    ['encrypted', () => open(safePush(messageXml(), now))],
  ])('%s is opened', (_how, opened) => {
    const { message } = opened()
    expect(message).toMatchObject({ type: 'text', openId, accountId, content: '你好', eventKey: null, key: 'message 24716231' })
    expect(message?.raw).toBe(messageXml())
    expect(message?.sentAt).toEqual(now)
  })

  it('keeps a MsgId of 64 bits to the digit', () => {
    expect(open(safePush(messageXml({ MsgId: '9223372036854775807' }), now)).message?.key).toBe('message 9223372036854775807')
  })

  it('of an event is named by the event, and has a key of who, when and what', () => {
    const keyOf = (xml: string) => open(safePush(xml, now)).message?.key
    expect(open(safePush(eventXml('SCAN', 'order42'), now)).message).toMatchObject({ type: 'SCAN', eventKey: 'order42', content: null })
    expect(keyOf(eventXml('SCAN', 'order42'))).toBe(keyOf(eventXml('SCAN', 'order42')))
    expect(new Set([eventXml('SCAN', 'order42'), eventXml('SCAN', 'order43'), eventXml('VIEW', 'order42')].map(keyOf)).size).toBe(3)
  })

  it('of a kind that nests is WeChat’s, and is not read', () => {
    const nested = '<xml><MsgType><![CDATA[event]]></MsgType><ScanCodeInfo><ScanType><![CDATA[<x>]]></ScanType></ScanCodeInfo></xml>'
    expect(open(safePush(nested, now)).message).toBeNull()
    const quoted = '<xml><a><b><![CDATA[x<![CDATA[y]]></b></a></xml>'
    expect(open(safePush(quoted, now)).message).toBeNull()
  })

  it('has the same envelope only when it is the very same', () => {
    const push = safePush(messageXml(), now)
    expect(open(push).envelopeHash).toBe(open(push).envelopeHash)
    expect(open(safePush(messageXml(), now)).envelopeHash).not.toBe(open(push).envelopeHash)
  })

  it.each([-300_000, 300_000])('is fresh %i ms from its time', (ms) => {
    expect(refusalOf(() => open(safePush(messageXml(), now), safeSettings, later(ms)))).toBe('taken')
  })
})

describe('refused is a push', () => {
  const changed = (push: Push, query: PushQuery): Push => ({ ...push, query: { ...push.query, ...query } })

  it.each<[string, string, () => Push, MessageSettings]>([
    [
      'with a wrong signature',
      'wrong-signature',
      () => changed(plainPush(messageXml(), now), { signature: 'a'.repeat(40) }),
      plainSettings,
    ],
    ['without a signature', 'wrong-signature', () => changed(plainPush(messageXml(), now), { signature: undefined }), plainSettings],
    [
      'with a wrong msg_signature',
      'wrong-signature',
      () => changed(safePush(messageXml(), now), { msg_signature: 'a'.repeat(40) }),
      safeSettings,
    ],
    ['with its signature passed off as msg_signature', 'wrong-signature', () => passedOff(), safeSettings],
    [
      'whose Encrypt was changed',
      'wrong-signature',
      () => ({ ...safePush(messageXml(), now), raw: safePush('other', now).raw }),
      safeSettings,
    ],
    ['in the clear where encrypted ones are wanted', 'not-encrypted', () => plainPush(messageXml(), now), safeSettings],
    ['encrypted where there is no key', 'no-key', () => safePush(messageXml(), now), plainSettings],
    [
      'for another appid',
      'undecryptable',
      () => safePush('', now, createMessageCipher(aesKey, 'wx1111111111111111').encrypt(messageXml())),
      safeSettings,
    ],
    [
      'by another key',
      'undecryptable',
      () => safePush('', now, createMessageCipher('a'.repeat(43), 'x').encrypt(messageXml())),
      safeSettings,
    ],
    ['with wrong padding', 'undecryptable', () => safePush('', now, sealedWithBadPadding(messageXml())), safeSettings],
    ['with a DOCTYPE', 'malformed', () => plainPush(doctype + messageXml(), now), plainSettings],
    ['with a DOCTYPE around Encrypt', 'malformed', () => withDoctype(), safeSettings],
    ['with a DOCTYPE inside Encrypt', 'malformed', () => safePush(doctype + messageXml(), now), safeSettings],
    ['with entities that nest', 'malformed', () => safePush('<xml><a><b>&x;</b></a></xml>', now), safeSettings],
    ['with a comment', 'malformed', () => safePush('<xml><a><b>1</b><!-- x --></a></xml>', now), safeSettings],
    ['in JSON', 'malformed', () => plainPush('{"MsgType":"text"}', now), plainSettings],
    ['that is empty', 'malformed', () => plainPush('', now), plainSettings],
    ['without a sender', 'incomplete', () => safePush(messageXml({ FromUserName: undefined }), now), safeSettings],
    ['whose sender is no openid', 'incomplete', () => safePush(messageXml({ FromUserName: 'o; x' }), now), safeSettings],
    ['of a message without MsgId', 'incomplete', () => safePush(messageXml({ MsgId: undefined }), now), safeSettings],
    ['of an event without a name', 'incomplete', () => safePush(messageXml({ MsgType: 'event', MsgId: undefined }), now), safeSettings],
    ['without a timestamp', 'missing-parameter', () => changed(safePush(messageXml(), now), { timestamp: undefined }), safeSettings],
    ['without a nonce', 'missing-parameter', () => changed(safePush(messageXml(), now), { nonce: undefined }), safeSettings],
    ['that was signed more than five minutes ago', 'stale', () => safePush(messageXml(), later(-301_000)), safeSettings],
    ['that was signed more than five minutes ahead', 'stale', () => safePush(messageXml(), later(301_000)), safeSettings],
  ])('%s (%s)', (_what, reason, push, settings) => {
    expect(refusalOf(() => open(push(), settings))).toBe(reason)
  })

  it.each<[string, (xml: string) => Push, MessageSettings]>([
    ['whoever sends it', (xml) => ({ ...safePush('', now), raw: Buffer.from(xml) }), safeSettings],
    ['with WeChat’s signature', (xml) => plainPush(xml, now), plainSettings],
  ])('with sections that do not end, in a time that grows with its length and no faster: %s', (_who, push, settings) => {
    const sectionsOf = (bytes: number) => push(`<xml>${'<![CDATA['.repeat(bytes / 9)}`)
    const [small, large] = [sectionsOf(8_000), sectionsOf(64_000)]
    expect(refusalOf(() => open(large, settings))).toBe('malformed')
    // Eight times the length; sixty times the time was seen where each beginning looks for its end.
    expect(quickest(() => refusalOf(() => open(large, settings)))).toBeLessThan(24 * quickest(() => refusalOf(() => open(small, settings))))
  })

  /** In ms: the least of many, which a busy machine does not change. */
  function quickest(work: () => unknown): number {
    const times = Array.from({ length: 20 }, () => {
      const startedAt = performance.now()
      work()
      return performance.now() - startedAt
    })
    return Math.min(...times)
  }

  function passedOff(): Push {
    const push = safePush(messageXml(), now)
    return changed(push, { msg_signature: push.query['signature'] })
  }

  function withDoctype(): Push {
    const push = safePush(messageXml(), now)
    return { ...push, raw: Buffer.concat([Buffer.from(doctype), push.raw]) }
  }
})

describe('the check of the address', () => {
  const check = (changes: PushQuery = {}, at = now) => {
    const stamp = stampAt(now)
    const signature = messageSignature(token, stamp.timestamp, stamp.nonce)
    return openServerCheck(safeSettings, { ...stamp, signature, echostr: '5837397576500011341', ...changes }, at)
  }

  it('gets its echostr back, also where messages come encrypted', () => {
    expect(check()).toBe('5837397576500011341')
  })

  it.each<[string, string, () => unknown]>([
    ['with a wrong signature', 'wrong-signature', () => check({ signature: 'b'.repeat(40) })],
    ['with the signature of another nonce', 'wrong-signature', () => check({ nonce: '1' })],
    ['that is stale', 'stale', () => check({}, later(300_001))],
    ['without echostr', 'missing-parameter', () => check({ echostr: undefined })],
    ['with an echostr of several lines', 'missing-parameter', () => check({ echostr: 'a\nb' })],
  ])('is refused %s (%s)', (_what, reason, checked) => {
    expect(refusalOf(checked)).toBe(reason)
  })
})
