import { createDecipheriv, createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openCertified } from '../testing/certifiedShop.ts'
import { newNumber } from '../testing/shop.ts'
import { refuse } from '../testing/receiver.ts'
import { openResource } from '../v3/aead.ts'
import { readXml } from '../v2/xml.ts'

const Envelope = z.looseObject({
  id: z.string(),
  event_type: z.string(),
  summary: z.string(),
  resource: z.looseObject({ original_type: z.string(), ciphertext: z.string(), associated_data: z.string(), nonce: z.string() }),
})

async function openRefunds() {
  const bench = await openCertified()
  const { merchant, receiver, control, jsonShop, shop } = bench

  async function paidOverV3(choice: Record<string, unknown> = {}): Promise<string> {
    const outTradeNo = newNumber()
    await jsonShop.create({ out_trade_no: outTradeNo })
    await control.pay({ outTradeNo, ...choice })
    return outTradeNo
  }

  const refundOverV3 = (outTradeNo: string, more: Record<string, unknown> = { notify_url: receiver.url }) =>
    jsonShop.send(
      'POST',
      '/v3/refund/domestic/refunds',
      JSON.stringify({
        out_trade_no: outTradeNo,
        out_refund_no: newNumber(),
        amount: { refund: 1580, total: 4580, currency: 'CNY' },
        ...more,
      }),
    )

  /** Of the notices that have come, those of refunds. */
  const about = async () => (await control.notices()).filter(({ kind }) => kind === 'refund')
  const last = () => receiver.bodies.at(-1) ?? ''
  const openJson = (body = last()) => {
    const envelope = Envelope.parse(JSON.parse(body))
    return { envelope, content: z.record(z.string(), z.unknown()).parse(JSON.parse(openResource(merchant.apiV3Key, envelope.resource))) }
  }
  const openXml = (body = last()) => {
    const envelope = readXml(body)
    const decipher = createDecipheriv('aes-256-ecb', createHash('md5').update(shop.key).digest('hex'), null)
    const text = decipher.update(envelope.get('req_info') ?? '', 'base64', 'utf8') + decipher.final('utf8')
    return { envelope: Object.fromEntries(envelope), content: Object.fromEntries(readXml(text.replaceAll(/(<\/?)root>/g, '$1xml>'))) }
  }
  /** The outcome of the next refund, its result and what arrived. */
  const result = () => control.advance(5_000)
  return { ...bench, paidOverV3, refundOverV3, about, last, openJson, openXml, result }
}

describe('the notice of a refund that v3 asked for', () => {
  it.each([
    ['success', 'SUCCESS', '退款成功'],
    ['abnormal', 'ABNORMAL', '退款异常'],
    ['closed', 'CLOSED', '退款关闭'],
  ])('%s says REFUND.%s', async (outcome, status, summary) => {
    const { paidOverV3, refundOverV3, result, openJson, control, merchant } = await openRefunds()
    const outTradeNo = await paidOverV3({ couponFen: 500 })
    await control.must('POST', 'refunds/outcome', { outcome })
    const { body } = await refundOverV3(outTradeNo)
    await result()
    const { envelope, content } = openJson()
    expect(envelope).toMatchObject({
      event_type: `REFUND.${status}`,
      summary,
      resource: { original_type: 'refund', associated_data: 'refund' },
    })
    expect(content).toEqual({
      mchid: merchant.mchid,
      out_trade_no: outTradeNo,
      transaction_id: body['transaction_id'],
      out_refund_no: body['out_refund_no'],
      refund_id: body['refund_id'],
      refund_status: status,
      ...(status === 'SUCCESS' ? { success_time: expect.stringMatching(/\+08:00$/) } : {}),
      amount: { total: 4580, refund: 1580, payer_total: 4080, payer_refund: 1408 },
      user_received_account: '支付用户零钱',
    })
  })

  it('comes at its own moment, repeats with the same id on the ladder, and shows on the control side', async () => {
    const { paidOverV3, refundOverV3, about, control, receiver, openJson } = await openRefunds()
    const outTradeNo = await paidOverV3()
    receiver.answerWith((response) => void response.writeHead(500).end())
    const { body } = await refundOverV3(outTradeNo)
    await control.advance(4_999)
    expect(await about()).toEqual([])
    await control.advance(90_000_000)
    const [notice] = await about()
    expect(notice).toMatchObject({
      state: 'given-up',
      protocol: 'v3',
      url: receiver.url,
      refund: { refundId: body['refund_id'], status: 'SUCCESS' },
    })
    const times = (notice?.attempts ?? []).map(({ at }) => Date.parse(at))
    const { json } = await control.call('GET', 'refunds')
    const { items } = z.object({ items: z.array(z.object({ acceptedAt: z.string(), finishedAt: z.string() })) }).parse(json)
    expect([times[0], times.length]).toEqual([Date.parse(items[0]?.acceptedAt ?? '') + 5_000, 16])
    const ids = receiver.bodies.filter((sent) => sent.includes('REFUND.')).map((sent) => openJson(sent).envelope.id)
    expect(new Set(ids)).toEqual(new Set([notice?.id]))
  })

  it('is a second one when what was ABNORMAL succeeds after all', async () => {
    const { paidOverV3, refundOverV3, result, about, control, openJson } = await openRefunds()
    await control.must('POST', 'refunds/outcome', { outcome: 'abnormal' })
    const { body } = await refundOverV3(await paidOverV3())
    await result()
    const finish = (status: string) => control.call('POST', `refunds/${String(body['refund_id'])}/finish`, { status })
    expect((await finish('CLOSED')).status).toBe(409)
    expect((await finish('SUCCESS')).json).toMatchObject({ status: 'SUCCESS' })
    await control.advance(0)
    expect((await about()).map(({ refund }) => refund)).toMatchObject([{ status: 'ABNORMAL' }, { status: 'SUCCESS' }])
    expect(openJson().content).toMatchObject({ refund_status: 'SUCCESS' })
  })

  it('waits while the refund is held, and comes when it is finished by hand', async () => {
    const { paidOverV3, refundOverV3, about, control, last } = await openRefunds()
    await control.must('POST', 'refunds/outcome', { outcome: 'hold', times: 1 })
    const { body } = await refundOverV3(await paidOverV3())
    await control.advance(86_400_000)
    expect(await about()).toEqual([])
    await control.must('POST', `refunds/${String(body['refund_id'])}/finish`, { status: 'CLOSED' })
    await control.advance(0)
    expect(last()).toContain('REFUND.CLOSED')
  })

  it('does not exist when nobody named an address, and is XML when only the console did', async () => {
    const { paidOverV3, refundOverV3, result, about, control, merchant, receiver, openXml } = await openRefunds()
    await refundOverV3(await paidOverV3(), {})
    await result()
    expect(await about()).toEqual([])
    await control.must('POST', 'accounts', { mchid: merchant.mchid, refundUrl: receiver.url })
    const outTradeNo = await paidOverV3()
    await refundOverV3(outTradeNo, {})
    await result()
    expect(openXml().content).toMatchObject({ out_trade_no: outTradeNo, refund_request_source: 'API' })
  })
})

describe('the notice of a refund that v2 asked for', () => {
  it.each([
    ['success', 'SUCCESS'],
    ['abnormal', 'CHANGE'],
    ['closed', 'REFUNDCLOSE'],
  ])('%s is XML around an encrypted document that says %s', async (outcome, status) => {
    const { refund, paid, result, openXml, control, receiver, about, merchant } = await openRefunds()
    await control.must('POST', 'refunds/outcome', { outcome })
    const taken = await refund({ out_trade_no: await paid(), notify_url: receiver.url })
    await result()
    const { envelope, content } = openXml()
    expect(envelope).toMatchObject({ return_code: 'SUCCESS', mch_id: merchant.mchid, nonce_str: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(envelope).not.toHaveProperty('sign')
    expect(content).toMatchObject({
      refund_id: taken['refund_id'],
      out_refund_no: taken['out_refund_no'],
      refund_status: status,
      refund_fee: '1580',
      total_fee: '4580',
      settlement_refund_fee: '1580',
      refund_recv_accout: '支付用户零钱',
      refund_account: 'REFUND_SOURCE_UNSETTLED_FUNDS',
      refund_request_source: 'API',
    })
    expect('success_time' in content).toBe(status === 'SUCCESS')
    expect(await about()).toMatchObject([{ state: 'acknowledged', protocol: 'v2' }])
  })

  it('repeats with the same bytes until it is acknowledged in v2’s way', async () => {
    const { refund, paid, control, receiver, about } = await openRefunds()
    const outTradeNo = await paid()
    await control.advance(0)
    const before = receiver.bodies.length
    receiver.answerWith(refuse)
    await refund({ out_trade_no: outTradeNo, notify_url: receiver.url })
    await control.advance(65_000)
    expect(receiver.bodies.length - before).toBe(4)
    expect(new Set(receiver.bodies.slice(before))).toHaveLength(1)
    expect(await about()).toMatchObject([{ state: 'waiting' }])
  })
})

describe('a refund that was begun in the merchant platform', () => {
  it('reaches the address of a v3 payment as XML, which 204 takes', async () => {
    const { paidOverV3, result, openXml, control, receiver, about } = await openRefunds()
    const outTradeNo = await paidOverV3()
    receiver.answerWith((response) => void response.writeHead(204).end())
    const { status, json } = await control.call('POST', 'refunds', { outTradeNo, refundFen: 580, reason: '补偿' })
    expect({ status, json }).toMatchObject({ status: 201, json: { origin: 'portal', status: 'PROCESSING', refundFen: 580 } })
    await result()
    expect(openXml().content).toMatchObject({ out_trade_no: outTradeNo, refund_fee: '580', refund_request_source: 'VENDOR_PLATFORM' })
    expect(await about()).toMatchObject([{ state: 'acknowledged', protocol: 'v2' }])
  })

  it('of a v2 payment is told to the console’s address only', async () => {
    const { paid, result, about, control, merchant, receiver } = await openRefunds()
    const outTradeNo = await paid()
    await control.must('POST', 'refunds', { outTradeNo, refundFen: 1 })
    await result()
    expect(await about()).toEqual([])
    await control.must('POST', 'accounts', { mchid: merchant.mchid, refundUrl: receiver.url })
    await control.must('POST', 'refunds', { outTradeNo, refundFen: 1 })
    await result()
    expect(await about()).toMatchObject([{ url: receiver.url, state: 'acknowledged' }])
  })

  it('keeps to the trade', async () => {
    const { paid, control, shop } = await openRefunds()
    const [outTradeNo, unpaid] = [await paid(), newNumber()]
    await shop.create({ out_trade_no: unpaid })
    const begin = async (body: unknown) => (await control.call('POST', 'refunds', body)).json
    expect(await begin({ outTradeNo, refundFen: 4581 })).toMatchObject({ code: 'too_much' })
    expect(await begin({ outTradeNo: unpaid, refundFen: 1 })).toMatchObject({ code: 'unpaid' })
    expect(await begin({ outTradeNo: newNumber(), refundFen: 1 })).toMatchObject({ code: 'unknown' })
    expect(await begin({ outTradeNo, transactionId: '1', refundFen: 0 })).toMatchObject({ code: 'invalid', problems: [{}, {}] })
  })
})

describe('faults of refund notices', () => {
  async function under(fault: Record<string, unknown>, protocol: 'v2' | 'v3') {
    const bench = await openRefunds()
    const outTradeNo = protocol === 'v2' ? await bench.paid() : await bench.paidOverV3()
    await bench.control.advance(0)
    await bench.control.fault({ on: 'notice', about: 'refund', times: 1, ...fault })
    if (protocol === 'v2') await bench.refund({ out_trade_no: outTradeNo, notify_url: bench.receiver.url })
    else await bench.refundOverV3(outTradeNo)
    const before = bench.receiver.bodies.length
    await bench.result()
    return { ...bench, sent: bench.receiver.bodies.slice(before), outTradeNo }
  }

  it.each(['v2', 'v3'] as const)('drop and duplicate, %s', async (protocol) => {
    expect((await under({ kind: 'drop' }, protocol)).sent).toEqual([])
    expect((await under({ kind: 'duplicate', copies: 3 }, protocol)).sent).toHaveLength(3)
  })

  it('amount-off changes what is refunded, and not the total', async () => {
    const v2 = await under({ kind: 'amount-off' }, 'v2')
    expect(v2.openXml().content).toMatchObject({ refund_fee: '1581', total_fee: '4580' })
    const v3 = await under({ kind: 'amount-off', by: -1 }, 'v3')
    expect(v3.openJson().content).toMatchObject({ amount: { refund: 1579, payer_refund: 1579, total: 4580 } })
  })

  it.each(['corrupted', 'wrong-key', 'truncated-base64'])('req_info under %s cannot be opened', async (kind) => {
    const { sent, openXml } = await under({ kind }, 'v2')
    expect(() => openXml(sent[0])).toThrow()
  })

  it.each(['unsigned', 'wrong-signature', 'sign-type-element', 'after-refund', 'signtest'])(
    '%s has nothing to strike in v2’s form',
    async (kind) => {
      const { about } = await under({ kind }, 'v2')
      expect(await about()).toMatchObject([{ attempts: [{ faults: [] }] }])
    },
  )

  it('altered finds the field inside and outside', async () => {
    const inside = await under({ kind: 'altered', field: 'refund_status', value: 'CHANGE' }, 'v2')
    expect(inside.openXml().content).toMatchObject({ refund_status: 'CHANGE' })
    const outside = await under({ kind: 'altered', field: 'mch_id', value: '1' }, 'v2')
    expect(outside.openXml()).toMatchObject({ envelope: { mch_id: '1' }, content: { refund_status: 'SUCCESS' } })
  })

  it('after-refund: the notice of the refund comes before that of the payment', async () => {
    const { control, jsonShop, receiver, refundOverV3, result } = await openRefunds()
    const outTradeNo = newNumber()
    await jsonShop.create({ out_trade_no: outTradeNo })
    await control.fault({ on: 'notice', kind: 'after-refund' })
    await control.pay({ outTradeNo })
    await refundOverV3(outTradeNo)
    await result()
    const events = receiver.bodies.map((body) => Envelope.parse(JSON.parse(body)).event_type)
    expect(events).toEqual(['REFUND.SUCCESS', 'TRANSACTION.SUCCESS'])
  })
})

describe('faults of refund calls', () => {
  it.each(['reset-after', 'timeout-after', 'SYSTEMERROR-after', 'html', 'cut-off', 'truncated'])(
    '%s: the refund was taken, and the same number finds it',
    async (kind) => {
      const { paid, post, wish, xml, refund, control } = await openRefunds()
      const asked = wish({ out_trade_no: await paid() })
      await control.fault({ on: 'refund', kind, times: 1 })
      const lost = post('/secapi/pay/refund', xml(asked), undefined, 300).then(
        ({ text }) => text.includes('<refund_id>') && text.endsWith('</xml>'),
      )
      expect(await lost.catch(() => false), 'no whole answer').toBe(false)
      const { json } = await control.call('GET', 'refunds')
      const { items } = z.object({ items: z.array(z.object({ refundId: z.string() })) }).parse(json)
      expect(items).toHaveLength(1)
      expect((await refund(asked))['refund_id']).toBe(items[0]?.refundId)
    },
  )

  it.each(['reset-before', 'SYSTEMERROR', 'FREQUENCY_LIMITED', 'http-502'])('%s: nothing was taken', async (kind) => {
    const { paidOverV3, refundOverV3, control } = await openRefunds()
    const outTradeNo = await paidOverV3()
    await control.fault({ on: 'refund', kind, outTradeNo })
    const status = await refundOverV3(outTradeNo).then(
      (answer) => answer.status,
      () => 0,
    )
    expect(status).not.toBe(200)
    expect((await control.call('GET', 'refunds')).json).toEqual({ items: [] })
    expect((await control.call('GET', 'limits')).json).toMatchObject({ items: [{ struck: { failing: 0, perSecond: 0 } }, {}] })
  })

  it('before-answer: the refund is through, and its notice delivered, before the call is answered', async () => {
    const { paidOverV3, refundOverV3, control, receiver } = await openRefunds()
    const outTradeNo = await paidOverV3()
    await control.fault({ on: 'refund', kind: 'before-answer' })
    const { body } = await refundOverV3(outTradeNo)
    expect(body).toMatchObject({ status: 'PROCESSING' })
    expect(receiver.bodies.filter((sent) => sent.includes('REFUND.SUCCESS'))).toHaveLength(1)
  })

  it('refund-query has its own, by the order in question', async () => {
    const { paid, refund, refundQuery, control, shop } = await openRefunds()
    const [outTradeNo, other] = [await paid(), await paid()]
    const taken = await refund({ out_trade_no: outTradeNo })
    await refund({ out_trade_no: other })
    await control.fault({ on: 'refund-query', kind: 'SYSTEMERROR', outTradeNo })
    expect(await refundQuery({ refund_id: taken['refund_id'] })).toMatchObject({ err_code: 'SYSTEMERROR' })
    expect(await refundQuery({ out_trade_no: other })).toMatchObject({ result_code: 'SUCCESS' })
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: 'REFUND' })
  })
})
