import { sendRaw } from '../../support/rawHttp.ts'
import { expect, test } from '../../support/test.ts'

const bombs = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
const badNotices: { what: string; body: string | Buffer }[] = [
  { what: 'nothing', body: '' },
  { what: 'no XML', body: 'return_code=SUCCESS' },
  { what: 'JSON', body: '{"return_code":"SUCCESS"}' },
  { what: 'XML that breaks off', body: '<xml><return_code>SUCCESS</return_code>' },
  {
    what: 'a DOCTYPE that reads a file',
    body: '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><return_code>&e;</return_code></xml>',
  },
  { what: 'entities that multiply', body: `${bombs}<xml><return_code>&b;</return_code></xml>` },
  { what: 'elements in elements', body: '<xml><return_code><a>SUCCESS</a></return_code></xml>' },
  { what: 'attributes', body: '<xml><return_code x="1">SUCCESS</return_code></xml>' },
  { what: 'a field twice', body: '<xml><return_code>SUCCESS</return_code><return_code>SUCCESS</return_code></xml>' },
  { what: 'no signature', body: '<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>' },
  { what: 'an invented signature', body: `<xml><return_code>SUCCESS</return_code><sign>${'0'.repeat(64)}</sign></xml>` },
  { what: 'bytes that are no UTF-8', body: Buffer.from([0x3c, 0x78, 0x6d, 0x6c, 0x3e, 0xff, 0xfe]) },
  { what: '10 MB', body: `<xml><return_code>${'x'.repeat(10_000_000)}</return_code></xml>` },
]

test('R7 in v2, a message to the address for notices that is not a verified notice gets FAIL in WeChat’s format, is counted, and changes nothing', async ({
  checkout,
  amount,
  merchant,
  shop,
}) => {
  await checkout.open(amount)
  const before = await merchant.orderOn(checkout)
  for (const { what, body } of badNotices) {
    await test.step(what, async () => {
      const refused = await shop.count('wechat_notices_total', { result: 'refused' })
      const headers = { 'content-type': 'text/xml' }
      const answer = await sendRaw(`${shop.url}/notices/v2/payments`, { method: 'POST', headers, body })
      expect(answer.status).toBe(400)
      expect(answer.text).toMatch(/^<xml><return_code><!\[CDATA\[FAIL\]\]><\/return_code><return_msg>/)
      expect(await shop.count('wechat_notices_total', { result: 'refused' })).toBe(refused + 1)
    })
  }
  const get = await sendRaw(`${shop.url}/notices/v2/payments`, { method: 'GET' })
  expect(get).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  expect(await merchant.orderOn(checkout)).toMatchObject({ status: 'unpaid', version: before.version, problem: null })
  await checkout.stillWaits()
})
