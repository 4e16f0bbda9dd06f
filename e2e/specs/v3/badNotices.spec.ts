import { randomBytes } from 'node:crypto'
import { replies } from '../../support/forgeries.ts'
import { sendRaw } from '../../support/rawHttp.ts'
import { expect, test } from '../../support/test.ts'

interface BadNotice {
  what: string
  /** In the counter of refused notices. */
  reason: string
  status: 400 | 401
  headers?: Record<string, string | undefined>
  body?: string | Buffer
}

const now = (): number => Math.floor(Date.now() / 1000)

/** All that a notice of a payment has on the outside, from somebody who has no key. */
const envelope = JSON.stringify({
  id: 'EV-2018022511223320873',
  create_time: '2026-01-01T08:00:00+08:00',
  resource_type: 'encrypt-resource',
  event_type: 'TRANSACTION.SUCCESS',
  summary: '支付成功',
  resource: {
    original_type: 'transaction',
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    associated_data: 'transaction',
    nonce: 'abcdef012345',
  },
})

const missing = (name: string, reason = 'missing-header'): BadNotice => ({
  what: `no ${name}`,
  reason,
  status: 401,
  headers: { [name.toLowerCase()]: undefined },
})

const badNotices = (): BadNotice[] => [
  { what: 'an invented signature', reason: 'wrong-signature', status: 401 },
  missing('Wechatpay-Timestamp'),
  missing('Wechatpay-Nonce'),
  missing('Wechatpay-Signature'),
  missing('Wechatpay-Serial'),
  // It may be missing, as WeChat's own SDK has it; the signature is not right all the same.
  missing('Wechatpay-Signature-Type', 'wrong-signature'),
  {
    what: 'another kind of signature',
    reason: 'wrong-signature',
    status: 401,
    headers: { 'wechatpay-signature-type': 'WECHATPAY2-SM2-WITH-SM3' },
  },
  { what: 'a signature that is no base64', reason: 'wrong-signature', status: 401, headers: { 'wechatpay-signature': '!!!' } },
  { what: "WeChat's probe", reason: 'probe', status: 401, headers: { 'wechatpay-signature': `WECHATPAY/SIGNTEST/${'A'.repeat(300)}` } },
  { what: 'a timestamp that is no number', reason: 'malformed', status: 400, headers: { 'wechatpay-timestamp': 'now' } },
  { what: 'a timestamp in milliseconds', reason: 'malformed', status: 400, headers: { 'wechatpay-timestamp': String(Date.now()) } },
  { what: 'a timestamp of 301 s ago', reason: 'stale', status: 401, headers: { 'wechatpay-timestamp': String(now() - 301) } },
  { what: 'a timestamp of 310 s ahead', reason: 'stale', status: 401, headers: { 'wechatpay-timestamp': String(now() + 310) } },
  { what: 'an unknown serial', reason: 'unknown-key', status: 401, headers: { 'wechatpay-serial': '7'.repeat(40) } },
  { what: 'an unknown public key', reason: 'unknown-key', status: 401, headers: { 'wechatpay-serial': 'PUB_KEY_ID_0000000000' } },
  { what: '__proto__ for a serial', reason: 'unknown-key', status: 401, headers: { 'wechatpay-serial': '__proto__' } },
  { what: 'nothing', reason: 'wrong-signature', status: 401, body: '' },
  { what: 'bytes that are no UTF-8', reason: 'wrong-signature', status: 401, body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
  { what: '10 MB', reason: 'too-large', status: 400, body: `{"id":"${'x'.repeat(10_000_000)}"}` },
]

test('R7 in v3, a message to the address for notices that is not a verified notice gets 4xx in WeChat’s format, is counted by its reason, and changes nothing', async ({
  checkout,
  amount,
  merchant,
  shop,
}) => {
  await checkout.open(amount)
  const before = await merchant.orderOn(checkout)
  for (const { what, reason, status, headers, body = envelope } of badNotices()) {
    await test.step(what, async () => {
      const [refused, because] = [await count({ result: 'refused' }), await count({ result: 'refused', reason })]
      const answer = await send({ ...signedByNobody(shop.merchant.publicKeyId), ...headers }, body)
      expect(answer).toMatchObject({ status, headers: { 'content-type': expect.stringMatching(/^application\/json\b/) } })
      expect(answer.text).toMatch(replies.v3.refused)
      expect(await count({ result: 'refused', reason }), reason).toBe(because + 1)
      expect(await count({ result: 'refused' })).toBe(refused + 1)
    })
  }
  // XML is for the opener of v2's refunds, which a payment of v2 is not: refused in the format of whoever sends XML.
  const xml = await send(signedByNobody(shop.merchant.publicKeyId), '<xml><return_code>SUCCESS</return_code></xml>')
  expect(xml.status).toBe(400)
  expect(xml.text).toMatch(replies.v2.refused)
  const get = await sendRaw(`${shop.url}/notices/v3`, { method: 'GET' })
  expect(get).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', version: before.version, problem: null })
  await checkout.stillWaits()

  function count(labels: Record<string, string>): Promise<number> {
    return shop.count('wechat_notices_total', { protocol: 'v3', ...labels })
  }

  function send(headers: Record<string, string | undefined>, body: string | Buffer) {
    const given = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
    return sendRaw(`${shop.url}/notices/v3`, { method: 'POST', headers: Object.fromEntries(given), body })
  }
})

/** Right in everything but what takes a key. */
function signedByNobody(serial: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'wechatpay-timestamp': String(now()),
    'wechatpay-nonce': randomBytes(16).toString('hex'),
    'wechatpay-signature': randomBytes(256).toString('base64'),
    'wechatpay-serial': serial,
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
  }
}
