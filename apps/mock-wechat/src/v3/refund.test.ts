import { constants, publicEncrypt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openBench, type BenchOptions } from '../testing/bench.ts'
import { newNumber } from '../testing/shop.ts'

const refunds = '/v3/refund/domestic/refunds'

async function openRefunds(options: BenchOptions = {}) {
  const frozen = Date.now()
  const bench = await openBench({ realNow: () => frozen, ...options })
  const { jsonShop, control, receiver, merchant } = bench

  async function paid(choice: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Promise<string> {
    const outTradeNo = newNumber()
    await jsonShop.create({ out_trade_no: outTradeNo, ...more })
    await control.pay({ outTradeNo, ...choice })
    return outTradeNo
  }

  const wish = (more: Record<string, unknown>, amount: Record<string, unknown> = {}) => ({
    out_refund_no: newNumber(),
    notify_url: receiver.url,
    ...more,
    amount: { refund: 1580, total: 4580, currency: 'CNY', ...amount },
  })
  const refund = (more: Record<string, unknown>, amount?: Record<string, unknown>) =>
    jsonShop.send('POST', refunds, JSON.stringify(wish(more, amount)))
  const find = (outRefundNo: unknown) => jsonShop.send('GET', `${refunds}/${String(outRefundNo)}`)
  const apply = (refundId: unknown, body: unknown, serial?: string) =>
    jsonShop.send('POST', `${refunds}/${String(refundId)}/apply-abnormal-refund`, JSON.stringify(body), {
      headers: serial === undefined ? {} : { 'Wechatpay-Serial': serial },
    })
  const encrypt = (text: string) =>
    publicEncrypt(
      { key: merchant.platform.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
      Buffer.from(text),
    ).toString('base64')
  return { ...bench, paid, refund, find, apply, encrypt }
}

describe('POST /v3/refund/domestic/refunds', () => {
  it('takes a refund and answers, signed, that it is under way', async () => {
    const { paid, refund, find, jsonShop, control } = await openRefunds()
    const outTradeNo = await paid({ couponFen: 500 })
    const taken = await refund({ out_trade_no: outTradeNo, reason: '缺货退款' })
    expect(taken.status).toBe(200)
    expect(taken.headers.get('wechatpay-signature')).toBeTruthy()
    expect(taken.body).toMatchObject({
      refund_id: expect.stringMatching(/^503\d{26}$/),
      out_trade_no: outTradeNo,
      channel: 'ORIGINAL',
      user_received_account: '支付用户零钱',
      status: 'PROCESSING',
      funds_account: 'UNSETTLED',
      amount: {
        total: 4580,
        refund: 1580,
        payer_total: 4080,
        payer_refund: 1408,
        settlement_refund: 1580,
        discount_refund: 172,
        currency: 'CNY',
      },
      promotion_detail: [{ type: 'CASH', amount: 500, refund_amount: 172 }],
    })
    expect(taken.body).not.toHaveProperty('success_time')
    await control.advance(5_000)
    expect((await find(taken.body['out_refund_no'])).body).toEqual({
      ...taken.body,
      status: 'SUCCESS',
      success_time: expect.stringMatching(/\+08:00$/),
    })
    expect((await jsonShop.query(outTradeNo)).body).toMatchObject({ trade_state: 'REFUND', amount: { total: 4580 } })
  })

  it('is the same refund again for the same parameters, and 400 for others', async () => {
    const { paid, refund } = await openRefunds()
    const same = { out_trade_no: await paid(), out_refund_no: newNumber(), reason: '缺货' }
    const { body } = await refund(same)
    expect((await refund(same)).body).toEqual(body)
    for (const [more, amount] of [
      [{}, { refund: 1579 }],
      [{ reason: '换货' }, {}],
      [{}, { total: 4581 }],
    ] as const)
      expect(await refund({ ...same, ...more }, amount)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
  })

  it('shares one order book with v2', async () => {
    const { paid, refund, shop } = await openRefunds()
    const v3Trade = await paid()
    const { body } = await refund({ out_trade_no: v3Trade })
    expect(await shop.call('refundquery', { out_trade_no: v3Trade })).toMatchObject({ refund_id_0: body['refund_id'] })
    const v2Trade = newNumber()
    await shop.create({ out_trade_no: v2Trade })
    expect((await refund({ out_trade_no: v2Trade })).status).toBe(404)
  })

  it.each([
    ['an unknown order', { out_trade_no: 'NEVER-SEEN' }, {}, 404, 'RESOURCE_NOT_EXISTS'],
    ['no order at all', { out_trade_no: undefined }, {}, 400, 'PARAM_ERROR'],
    ['nothing', {}, { refund: 0 }, 400, 'PARAM_ERROR'],
    ['more than was paid', {}, { refund: 4581 }, 400, 'INVALID_REQUEST'],
    ['another currency', {}, { currency: 'USD' }, 400, 'PARAM_ERROR'],
    ['no currency', {}, { currency: undefined }, 400, 'PARAM_ERROR'],
    ['a split order', {}, { from: [{ account: 'AVAILABLE', amount: 1580 }] }, 403, 'NO_AUTH'],
    ['an unknown field', { subject: 'x' }, {}, 400, 'PARAM_ERROR'],
    ['a number with blanks', { out_refund_no: 'R 1' }, {}, 400, 'PARAM_ERROR'],
    ['a foreign address', { notify_url: 'http://shop.example/notices' }, {}, 400, 'PARAM_ERROR'],
  ])('refuses %s', async (_, more, amount, status, code) => {
    const { paid, refund, control } = await openRefunds()
    expect(await refund({ out_trade_no: await paid(), ...more }, amount)).toMatchObject({ status, body: { code } })
    expect((await control.call('GET', 'refunds')).json).toEqual({ items: [] })
  })

  it.each([
    [{ refundMismatch: 'REFUND_FEE_MISMATCH' }, { refund: 1 }, 'REFUND_FEE_MISMATCH'],
    [{ refundTooSoon: 'INVALID_REQUEST' }, { out_refund_no: 'ANOTHER' }, 'INVALID_REQUEST'],
  ] as const)('says by switch %j: %j is %s', async (switches, change, code) => {
    const { paid, refund } = await openRefunds({ switches })
    const same = { out_trade_no: await paid(), out_refund_no: newNumber() }
    await refund(same)
    const { refund: refundFen, ...more } = { refund: undefined, ...change }
    expect((await refund({ ...same, ...more }, refundFen === undefined ? {} : { refund: refundFen })).body).toMatchObject({ code })
  })

  it('can be through at once: then the answer says SUCCESS', async () => {
    const { paid, refund } = await openRefunds({ switches: { refundSeconds: 0 } })
    expect((await refund({ out_trade_no: await paid() })).body).toMatchObject({ status: 'SUCCESS' })
  })
})

describe('GET /v3/refund/domestic/refunds/{out_refund_no}', () => {
  it('knows no other merchant’s refund, and takes no query', async () => {
    const { find } = await openRefunds()
    expect(await find('R1')).toMatchObject({ status: 404, body: { code: 'RESOURCE_NOT_EXISTS' } })
    expect(await find('R1?mchid=1')).toMatchObject({ status: 400, body: { code: 'PARAM_ERROR' } })
  })
})

describe('POST …/apply-abnormal-refund', () => {
  async function openAbnormal() {
    const bench = await openRefunds()
    await bench.control.must('POST', 'refunds/outcome', { outcome: 'abnormal', times: 1 })
    const { body } = await bench.refund({ out_trade_no: await bench.paid() })
    const [refundId, out_refund_no] = [body['refund_id'], body['out_refund_no']]
    return { ...bench, refundId, out_refund_no, serial: bench.merchant.platform.publicKeyId }
  }

  it('sends the money to another card of the payer, named in encrypted fields', async () => {
    const { apply, encrypt, refundId, out_refund_no, serial, control, find } = await openAbnormal()
    await control.advance(5_000)
    const card = {
      out_refund_no,
      type: 'USER_BANK_CARD',
      bank_type: 'CMB_DEBIT',
      bank_account: encrypt('6214830012340403'),
      real_name: encrypt('海图'),
    }
    expect(await apply(refundId, card, serial)).toMatchObject({
      status: 200,
      body: { status: 'PROCESSING', channel: 'OTHER_BANKCARD', user_received_account: '招商银行借记卡0403' },
    })
    await control.advance(5_000)
    expect((await find(out_refund_no)).body).toMatchObject({ status: 'SUCCESS', channel: 'OTHER_BANKCARD' })
  })

  it('refuses what is not abnormal, another number, a foreign key, clear text, and a card without a bank', async () => {
    const { apply, encrypt, refundId, out_refund_no, serial, control } = await openAbnormal()
    const own = { out_refund_no, type: 'MERCHANT_BANK_CARD' }
    expect(await apply(refundId, own)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
    await control.advance(5_000)
    const card = {
      out_refund_no,
      type: 'USER_BANK_CARD',
      bank_type: 'CMB_DEBIT',
      bank_account: encrypt('62148'),
      real_name: encrypt('海图'),
    }
    expect(await apply(refundId, { ...own, out_refund_no: 'R1' })).toMatchObject({ status: 404 })
    expect(await apply(refundId, card, 'PUB_KEY_ID_0')).toMatchObject({
      status: 400,
      body: { message: '平台证书序列号Wechatpay-Serial错误' },
    })
    expect(await apply(refundId, { ...card, bank_account: '62148' }, serial)).toMatchObject({ status: 400 })
    expect(await apply(refundId, { ...card, bank_type: undefined }, serial)).toMatchObject({ status: 400 })
    expect(await apply(refundId, own)).toMatchObject({ status: 200, body: { user_received_account: '商户结算银行账户' } })
  })
})
