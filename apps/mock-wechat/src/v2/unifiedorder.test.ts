import { describe, expect, it } from 'vitest'
import { formatBeijing } from '../support/beijing.ts'
import { openBench } from '../testing/bench.ts'
import { newNumber } from '../testing/shop.ts'
import { isSigned } from './sign.ts'
import { readXml } from './xml.ts'

const inSeconds = (seconds: number) => formatBeijing(Date.now() + seconds * 1000)

describe('unifiedorder', () => {
  it('answers with a code, echoes who asked, and signs with the algorithm of the request', async () => {
    const { shop } = await openBench()
    const response = await shop.post('unifiedorder', shop.orderXml({ device_info: 'WEB' }))
    const answer = readXml(await response.text())
    expect(Object.fromEntries(answer)).toEqual({
      return_code: 'SUCCESS',
      return_msg: 'OK',
      appid: shop.appid,
      mch_id: shop.mchid,
      nonce_str: expect.stringMatching(/^[0-9A-Za-z]{16}$/),
      result_code: 'SUCCESS',
      device_info: 'WEB',
      prepay_id: expect.stringMatching(/^wx\d{8}[0-9a-f]{18}\d{8}$/),
      trade_type: 'NATIVE',
      code_url: expect.stringMatching(/^weixin:\/\/wxpay\/bizpayurl\?pr=[0-9A-Za-z]{7}$/),
      sign: expect.stringMatching(/^[0-9A-F]{64}$/),
    })
    expect(isSigned(answer, shop.key, 'HMAC-SHA256')).toBe(true)
  })

  it('repeats the same code for the same order while it is unpaid', async () => {
    const { shop, control } = await openBench()
    const order = { out_trade_no: newNumber(), time_expire: inSeconds(900) }
    const first = await shop.create(order)
    const again = await shop.create(order)
    expect(again['result_code']).toBe('SUCCESS')
    expect([again['code_url'], again['prepay_id']]).toEqual([first['code_url'], first['prepay_id']])
    expect(await control.trades()).toHaveLength(1)
  })

  it('gives a fresh code when the old one is two hours old and the order is not over', async () => {
    const { shop, control } = await openBench()
    const order = { out_trade_no: newNumber(), time_expire: inSeconds(10_000) }
    const first = await shop.create(order)
    await control.advance(7_200_000)
    expect(await control.call('POST', 'scan', { codeUrl: first['code_url'] })).toMatchObject({ status: 409, json: { code: 'expired' } })
    const again = await shop.create(order)
    expect(again['code_url']).not.toBe(first['code_url'])
    expect((await control.call('POST', 'scan', { codeUrl: again['code_url'] })).status).toBe(200)
  })

  it.each([
    ['total_fee', '4581'],
    ['body', 'other'],
    ['attach', 'other'],
    ['notify_url', 'http://127.0.0.1:1/other'],
    ['time_expire', inSeconds(1800)],
    ['product_id', 'OTHER'],
    ['spbill_create_ip', '::1'],
  ])('refuses the number when it comes again with another %s', async (name, value) => {
    const { shop } = await openBench()
    const order = { out_trade_no: newNumber(), time_expire: inSeconds(900) }
    await shop.create(order)
    expect(await shop.create({ ...order, [name]: value })).toMatchObject({
      return_code: 'SUCCESS',
      result_code: 'FAIL',
      err_code: 'INVALID_REQUEST',
      err_code_des: '201 商户订单号重复',
      sign: expect.any(String),
    })
  })

  it('refuses a paid, a closed and an expired number', async () => {
    const { shop, control } = await openBench()
    const orders = [newNumber(), newNumber(), newNumber()].map((out_trade_no) => ({ out_trade_no, time_expire: inSeconds(900) }))
    for (const order of orders) await shop.create(order)
    await control.pay({ outTradeNo: orders[0]?.out_trade_no })
    await shop.close(orders[1]?.out_trade_no ?? '')
    await control.advance(900_000)
    const answers = await Promise.all(orders.map((order) => shop.create(order)))
    expect(answers.map((answer) => answer['err_code'])).toEqual(['ORDERPAID', 'ORDERCLOSED', 'ORDERCLOSED'])
  })

  it('makes one trade of fifty equal requests at once', async () => {
    const { shop, control } = await openBench()
    const order = { out_trade_no: newNumber(), time_expire: inSeconds(900) }
    const answers = await Promise.all(Array.from({ length: 50 }, () => shop.create(order)))
    expect(new Set(answers.map((answer) => answer['code_url']))).toHaveLength(1)
    expect(await control.trades()).toHaveLength(1)
  })

  it('knows APP, but has not enabled it', async () => {
    const { shop } = await openBench()
    expect(await shop.create({ trade_type: 'APP' })).toMatchObject({ result_code: 'FAIL', err_code: 'NOAUTH' })
  })
})

describe('what unifiedorder refuses at the outer level, unsigned', () => {
  it.each([
    ['body', undefined, '缺少参数'],
    ['total_fee', '', '缺少参数'],
    ['notify_url', undefined, '缺少参数'],
    ['product_id', undefined, '缺少参数'],
    ['body', 'x'.repeat(128), 'body参数长度有误'],
    ['body', '海'.repeat(43), 'body参数长度有误'],
    ['attach', 'x'.repeat(128), 'attach参数长度有误'],
    ['out_trade_no', 'x'.repeat(33), 'out_trade_no参数长度有误'],
    ['notify_url', `https://shop.example/${'x'.repeat(256)}`, 'notify_url参数长度有误'],
    ['spbill_create_ip', 'unknown', 'invalid spbill_create_ip'],
    ['spbill_create_ip', '10.0.0.1, 203.0.113.7', 'invalid spbill_create_ip'],
  ])('%s = %j: %s', async (name, value, returnMsg) => {
    const { shop, control } = await openBench()
    expect(await shop.create({ [name]: value })).toEqual({ return_code: 'FAIL', return_msg: returnMsg })
    expect(await control.trades()).toEqual([])
  })
})

describe('what unifiedorder refuses as PARAM_ERROR', () => {
  it.each([
    ['total_fee', '45.80'],
    ['total_fee', '-1'],
    ['total_fee', '0'],
    ['total_fee', '1e3'],
    ['total_fee', ' 1'],
    ['total_fee', '9007199254740993'],
    ['out_trade_no', 'T0001'],
    ['out_trade_no', '订单000001'],
    ['fee_type', 'USD'],
    ['limit_pay', 'no_debit'],
    ['trade_type', 'Native'],
    ['time_expire', '2026-03-01'],
    ['time_expire', '20260230100000'],
    ['time_expire', inSeconds(30)],
    ['time_expire', inSeconds(-8 * 3600)],
    ['time_start', inSeconds(1_000)],
    ['notify_url', 'not an address'],
    ['notify_url', 'ftp://shop.example/notices'],
    ['notify_url', 'https://shop.example/notices?order=1'],
    ['notify_url', 'http://shop.example/notices'],
    ['notify_url', 'http://10.0.0.7/notices'],
    ['notify_url', 'https://user:word@shop.example/notices'],
    ['nonsense', 'x'],
    ['sub_mch_id', '1900000109'],
  ])('%s = %j', async (name, value) => {
    const { shop, control } = await openBench()
    expect(await shop.create({ [name]: value })).toMatchObject({ result_code: 'FAIL', err_code: 'PARAM_ERROR', sign: expect.any(String) })
    expect(await control.trades()).toEqual([])
  })

  it('a missing out_trade_no, which is answered without a signature', async () => {
    const { shop } = await openBench()
    expect(await shop.create({ out_trade_no: undefined })).toEqual({
      return_code: 'SUCCESS',
      return_msg: 'OK',
      result_code: 'FAIL',
      err_code: 'PARAM_ERROR',
      err_code_des: '参数错误:必须输入商户单号',
    })
  })
})

describe('switches', () => {
  it('let a create pass without product_id', async () => {
    const { shop } = await openBench({ switches: { productId: 'optional' } })
    expect(await shop.create({ product_id: undefined })).toMatchObject({ result_code: 'SUCCESS' })
  })

  it('demand five minutes of life', async () => {
    const { shop } = await openBench({ switches: { minExpireSeconds: 300 } })
    expect(await shop.create({ time_expire: inSeconds(240) })).toMatchObject({
      err_code_des: 'time_expire时间过短，刷卡至少1分钟，其他5分钟',
    })
  })

  it('open or shut plain http for notices', async () => {
    const open = await openBench({ switches: { notifyHttp: 'any' } })
    expect(await open.shop.create({ notify_url: 'http://10.0.0.7:3000/notices' })).toMatchObject({ result_code: 'SUCCESS' })
    const shut = await openBench({ switches: { notifyHttp: 'never' } })
    expect(await shut.shop.create()).toMatchObject({ err_code: 'PARAM_ERROR' })
    expect(await shut.shop.create({ notify_url: 'https://127.0.0.1/notices' })).toMatchObject({ err_code: 'PARAM_ERROR' })
    expect(await shut.shop.create({ notify_url: 'https://shop.example/notices' })).toMatchObject({ result_code: 'SUCCESS' })
  })
})
