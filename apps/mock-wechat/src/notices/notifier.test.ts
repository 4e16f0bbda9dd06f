import { describe, expect, it, vi } from 'vitest'
import { openBench, type BenchOptions } from '../testing/bench.ts'
import { accept, refuse, staySilent, type Reply } from '../testing/receiver.ts'
import { newNumber } from '../testing/shop.ts'
import { isSigned, type SignType } from '../v2/sign.ts'
import { readXml } from '../v2/xml.ts'

/** A bench whose real clock stands still, with one trade that was just paid. */
async function openPaid(options: BenchOptions = {}, parameters: Record<string, string> = {}) {
  const frozen = Date.now()
  const bench = await openBench({ realNow: () => frozen, ...options })
  const outTradeNo = newNumber()
  await bench.shop.create({ out_trade_no: outTradeNo, nonce_str: 'merchant-own-nonce', ...parameters })
  await bench.control.pay({ outTradeNo })
  await bench.control.advance(0)
  const notice = async () => {
    const [only] = await bench.control.notices()
    if (!only) throw new Error('no notice')
    return only
  }
  return { ...bench, outTradeNo, notice }
}

const seconds = (...values: number[]) => values.map((value) => value * 1000)

describe('the ladder', () => {
  it('repeats an unacknowledged notice 15 times, with WeChat’s gaps, then gives up', async () => {
    const { control, notice, receiver } = await openPaid({ reply: refuse })
    await control.advance(90_000_000)
    const { attempts, state, nextAttemptAt } = await notice()
    const times = attempts.map(({ at }) => Date.parse(at))
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(gaps).toEqual(seconds(15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600))
    expect(gaps.reduce((sum, gap) => sum + gap)).toBe(86_640_000)
    expect(receiver.bodies).toHaveLength(16)
    expect(new Set(receiver.bodies), 'every repeat has the same bytes').toHaveLength(1)
    expect({ state, nextAttemptAt }).toEqual({ state: 'given-up', nextAttemptAt: null })
  })

  it('sends nothing before its time, and stops at the first SUCCESS', async () => {
    const { control, notice, receiver } = await openPaid({ reply: refuse })
    await control.advance(14_999)
    expect(receiver.bodies).toHaveLength(1)
    receiver.answerWith(accept)
    await control.advance(1)
    expect(receiver.bodies).toHaveLength(2)
    await control.advance(90_000_000)
    expect(receiver.bodies).toHaveLength(2)
    expect(await notice()).toMatchObject({ state: 'acknowledged', nextAttemptAt: null })
  })

  it('goes on by itself in real time', async () => {
    const { control, receiver } = await openPaid({ reply: refuse, realNow: Date.now })
    await control.advance(14_900) // what is left of the first gap passes unaided
    await receiver.received(2)
  })

  it('records what came back', async () => {
    const { notice } = await openPaid({ reply: refuse })
    expect((await notice()).attempts[0]).toMatchObject({
      status: 200,
      body: expect.stringContaining('FAIL'),
      error: null,
      acknowledged: false,
      faults: [],
    })
  })
})

const answer =
  (body: string, status = 200): Reply =>
  (response) => {
    response.statusCode = status
    response.end(body)
  }
const success = '<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>'

describe('a reply', () => {
  it.each([
    ['the documented XML', answer(success)],
    ['the same without CDATA', answer('<xml><return_code>SUCCESS</return_code></xml>')],
  ])('acknowledges: %s', async (_, reply) => {
    const { notice } = await openPaid({ reply })
    expect(await notice()).toMatchObject({ state: 'acknowledged' })
  })

  it.each([
    ['another status', answer(success, 201)],
    ['an error with the right body', answer(success, 500)],
    ['an empty body', answer('')],
    ['plain text', answer('success')],
    ['JSON', answer('{"return_code":"SUCCESS"}')],
    ['HTML', answer('<html><body>SUCCESS</body></html>')],
    ['a literal \\n between the tags', answer(success.replace('</return_code>', '</return_code>\\n'))],
    ['a byte order mark', answer(`\ufeff${success}`)],
    ['another field name', answer('<xml><code>SUCCESS</code></xml>')],
    ['lower case', answer(success.replace('SUCCESS', 'success'))],
    ['a body of more than 4 kB', answer(success + ' '.repeat(5000))],
    ['a redirect', (response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
    ['a broken connection', (_response, _body, request) => void request.socket.destroy()],
  ] satisfies [string, Reply][])('does not acknowledge: %s', async (_, reply) => {
    const { notice, receiver } = await openPaid({ reply })
    expect(await notice()).toMatchObject({ state: 'waiting', attempts: [{ acknowledged: false }] })
    expect(receiver.bodies).toHaveLength(1)
  })

  it('that does not come in time counts as failure', async () => {
    const { notice } = await openPaid({ reply: staySilent, noticeTimeoutMs: 50 })
    expect((await notice()).attempts).toMatchObject([{ status: null, error: 'no complete answer in time' }])
  })
})

describe('a notice', () => {
  it.each<SignType>(['MD5', 'HMAC-SHA256'])(
    'is signed with the algorithm of the create (%s), without sign_type, and echoes its nonce',
    async (signType) => {
      const { receiver, shop, outTradeNo } = await openPaid({ signType }, { attach: 'a&<b>' })
      const fields = readXml(receiver.bodies[0] ?? '')
      expect(isSigned(fields, shop.key, signType)).toBe(true)
      expect(Object.fromEntries(fields)).toMatchObject({
        return_code: 'SUCCESS',
        result_code: 'SUCCESS',
        appid: shop.appid,
        mch_id: shop.mchid,
        nonce_str: 'merchant-own-nonce',
        out_trade_no: outTradeNo,
        total_fee: '4580',
        cash_fee: '4580',
        fee_type: 'CNY',
        trade_type: 'NATIVE',
        attach: 'a&<b>',
      })
      expect(fields.has('sign_type')).toBe(false)
      expect(receiver.bodies[0]).toContain('<total_fee>4580</total_fee>')
      expect(receiver.bodies[0]).toContain('<cash_fee><![CDATA[4580]]></cash_fee>')
    },
  )

  it('carries sign_type when the switch says so', async () => {
    const { receiver, shop } = await openPaid({ switches: { noticeSignType: 'present' } })
    const fields = readXml(receiver.bodies[0] ?? '')
    expect(fields.get('sign_type')).toBe('HMAC-SHA256')
    expect(isSigned(fields, shop.key, 'HMAC-SHA256')).toBe(true)
  })

  it('can be sent again by hand, which takes no rung of the ladder', async () => {
    const { control, notice, receiver } = await openPaid({ reply: refuse })
    const before = await notice()
    await control.resend(before.id)
    expect(receiver.bodies).toHaveLength(2)
    expect(await notice()).toMatchObject({ nextAttemptAt: before.nextAttemptAt, failures: 1, attempts: [{}, { resent: true }] })
    receiver.answerWith(accept)
    await control.resend(before.id)
    expect(await notice()).toMatchObject({ state: 'acknowledged' })
  })

  it('leaves without waiting for the payer’s answer to be fetched, and the payer does not wait for it', async () => {
    const { control, shop, receiver } = await openPaid({ reply: staySilent, noticeTimeoutMs: 300 })
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await control.pay({ outTradeNo })
    const [, second] = await control.notices()
    expect(second?.attempts).toEqual([])
    await receiver.received(2)
    await vi.waitUntil(async () => (await control.notices())[1]?.attempts.length === 1)
  })
})
