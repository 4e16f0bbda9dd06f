import { connect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { openCertified } from '../testing/certifiedShop.ts'
import { newNumber } from '../testing/shop.ts'
import { isSigned } from './sign.ts'
import { readXml } from './xml.ts'

describe('POST /secapi/pay/refund', () => {
  it('takes a refund from a merchant with his certificate, and answers signed that it was taken', async () => {
    const { post, xml, wish, paid, shop, control } = await openCertified()
    const outTradeNo = await paid({ couponFen: 500 })
    const asked = wish({ out_trade_no: outTradeNo, refund_desc: '缺货退款' })
    const { status, text } = await post('/secapi/pay/refund', xml(asked))
    expect(status).toBe(200)
    const fields = readXml(text)
    expect(isSigned(fields, shop.key, 'HMAC-SHA256')).toBe(true)
    expect(Object.fromEntries(fields)).toMatchObject({
      result_code: 'SUCCESS',
      out_trade_no: outTradeNo,
      out_refund_no: asked['out_refund_no'],
      refund_id: expect.stringMatching(/^503\d{26}$/),
      refund_channel: '',
      refund_fee: '1580',
      total_fee: '4580',
      cash_fee: '4080',
      cash_refund_fee: '1408',
      coupon_refund_fee: '172',
      coupon_refund_count: '1',
      coupon_type_0: 'CASH',
      coupon_refund_fee_0: '172',
    })
    expect(text).toContain('<refund_fee>1580</refund_fee>')
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: 'REFUND', total_fee: '4580' })
    expect((await control.trades())[0]).toMatchObject({ state: 'REFUND', refundedFen: 1580 })
  })

  it('answers without a certificate, with a foreign one, and over plain HTTP as a web server does', async () => {
    const { post, xml, wish, paid, url, other, tls, control } = await openCertified()
    const body = xml(wish({ out_trade_no: await paid() }))
    const none = {
      status: 400,
      type: expect.stringContaining('text/html'),
      text: expect.stringContaining('No required SSL certificate was sent'),
    }
    expect(await post('/secapi/pay/refund', body, null)).toMatchObject(none)
    const plain = await fetch(`${url}/secapi/pay/refund`, { method: 'POST', body })
    expect({ status: plain.status, text: await plain.text() }).toMatchObject({ status: 400, text: none.text })
    // The platform's own certificate is a real one, and no merchant's.
    const { newPlatformCertificate } = await import('../v3/credentials.ts')
    const { certificate, privateKey } = await newPlatformCertificate(Date.now())
    const stranger = await post('/secapi/pay/refund', body, { merchantCertificate: certificate, merchantPrivateKey: privateKey })
    expect(stranger).toMatchObject({ status: 400, text: expect.stringContaining('The SSL certificate error') })
    expect((await post('/secapi/pay/refund', body, other)).text).toContain('<err_code><![CDATA[CERT_ERROR]]></err_code>')
    expect((await control.call('GET', 'refunds')).json).toEqual({ items: [] })
    expect(tls.url).toMatch(/^https:\/\/127\.0\.0\.1:/)
  })

  it('is behind a certificate for localhost and 127.0.0.1, by an authority that the control side shows and a restart keeps', async () => {
    const first = await openCertified()
    const { json } = await first.control.call('GET', 'merchants')
    expect(json).toMatchObject({ tls: first.tls })
    await first.mock.stop()
    const second = await openCertified({ dataDir: first.dataDir })
    expect(second.tls.ca).toBe(first.tls.ca)
    const port = Number(new URL(second.tls.url).port)
    for (const servername of ['localhost', undefined]) {
      const socket = connect({ host: '127.0.0.1', port, ca: first.tls.ca, ...(servername && { servername }) })
      await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
      expect(socket.authorized).toBe(true)
      socket.destroy()
    }
  })

  it('serves everything else on TLS too', async () => {
    const { post, xml, paid } = await openCertified()
    const outTradeNo = await paid()
    const { text } = await post('/pay/orderquery', xml({ out_trade_no: outTradeNo }), null)
    expect(Object.fromEntries(readXml(text))).toMatchObject({ trade_state: 'SUCCESS' })
  })

  it('refunds once for one number, and refuses it with another amount or of another order', async () => {
    const { refund, paid, control } = await openCertified()
    const [outTradeNo, other] = [await paid(), await paid()]
    const same = { out_trade_no: outTradeNo, out_refund_no: newNumber() }
    const first = await refund(same)
    expect((await refund(same))['refund_id']).toBe(first['refund_id'])
    for (const change of [{ refund_fee: '1579' }, { total_fee: '4581' }, { out_trade_no: other }])
      expect(await refund({ ...same, ...change })).toMatchObject({ result_code: 'FAIL', err_code: 'REFUND_FEE_MISMATCH' })
    expect((await control.call('GET', `refunds?outTradeNo=${outTradeNo}`)).json).toMatchObject({ items: [{ refundFen: 1580 }] })
  })

  it('never takes more than is left, and gives the money of a closed refund free again', async () => {
    const { refund, paid, control } = await openCertified()
    const outTradeNo = await paid()
    await control.must('POST', 'refunds/outcome', { outcome: 'closed', times: 1 })
    const { refund_id } = await refund({ out_trade_no: outTradeNo, refund_fee: '4000' })
    await control.advance(60_000)
    expect(await refund({ out_trade_no: outTradeNo, refund_fee: '4580' }), `${refund_id} is closed`).toMatchObject({
      result_code: 'SUCCESS',
    })
    await control.advance(60_000)
    expect(await refund({ out_trade_no: outTradeNo, refund_fee: '1' })).toMatchObject({ err_code: 'ERROR', err_code_des: '订单已全额退款' })
    const partly = await paid()
    expect(await refund({ out_trade_no: partly, refund_fee: '4581' })).toMatchObject({ err_code: 'INVALID_REQUEST' })
  })

  it('knows only orders of the merchant that were paid', async () => {
    const { refund, shop } = await openCertified()
    const unpaid = newNumber()
    await shop.create({ out_trade_no: unpaid })
    for (const number of [unpaid, newNumber()]) expect(await refund({ out_trade_no: number })).toMatchObject({ err_code: 'ORDERNOTEXIST' })
    expect(await refund({ transaction_id: '4200009042202603017754120386' })).toMatchObject({ err_code: 'ORDERNOTEXIST' })
    expect(await refund({ transaction_id: 'abc' })).toMatchObject({ err_code: 'INVALID_TRANSACTIONID' })
  })

  it.each([
    [{ refund_fee: '0' }, 'PARAM_ERROR'],
    [{ refund_fee: '15.80' }, 'PARAM_ERROR'],
    [{ out_refund_no: '退款' }, 'PARAM_ERROR'],
    [{ notify_url: 'http://shop.example/notices' }, 'PARAM_ERROR'],
    [{ refund_account: 'MINE' }, 'PARAM_ERROR'],
    [{ sub_mch_id: '1' }, 'PARAM_ERROR'],
  ])('refuses %j', async (change, code) => {
    const { refund, paid } = await openCertified()
    expect(await refund({ out_trade_no: await paid(), ...change })).toMatchObject({ err_code: code })
  })
})

describe('POST /pay/refundquery', () => {
  it('finds a refund by each of four numbers', async () => {
    const { refund, refundQuery, paid, control } = await openCertified()
    const outTradeNo = await paid({ couponFen: 500 })
    const taken = await refund({ out_trade_no: outTradeNo })
    const names = ['refund_id', 'out_refund_no', 'transaction_id', 'out_trade_no']
    for (const name of names)
      expect(await refundQuery({ [name]: taken[name] }), name).toMatchObject({
        refund_status_0: 'PROCESSING',
        refund_id_0: taken['refund_id'],
      })
    await control.advance(5_000)
    expect(await refundQuery({ out_trade_no: outTradeNo })).toMatchObject({
      total_refund_count: '1',
      refund_count: '1',
      refund_fee: '1580',
      out_refund_no_0: taken['out_refund_no'],
      refund_channel_0: 'ORIGINAL',
      refund_fee_0: '1580',
      coupon_refund_fee_0: '172',
      coupon_refund_fee_0_0: '172',
      refund_status_0: 'SUCCESS',
      refund_recv_accout_0: '支付用户零钱',
      refund_success_time_0: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    })
  })

  it('shows ten at a time, from offset on', async () => {
    const { refund, refundQuery, paid, control } = await openCertified()
    const outTradeNo = await paid()
    for (let n = 0; n < 12; n += 1) {
      expect(await refund({ out_trade_no: outTradeNo, refund_fee: String(n + 1) })).toMatchObject({ result_code: 'SUCCESS' })
      await control.advance(60_000)
    }
    const first = await refundQuery({ out_trade_no: outTradeNo })
    expect(first).toMatchObject({ total_refund_count: '12', refund_count: '10', refund_fee_9: '10' })
    expect(await refundQuery({ out_trade_no: outTradeNo, offset: '10' })).toMatchObject({
      total_refund_count: '12',
      refund_count: '2',
      refund_fee_1: '12',
    })
    expect(await refundQuery({ out_trade_no: outTradeNo, offset: '12' })).toMatchObject({ err_code: 'PARAM_ERROR' })
  })

  it('knows no refund of an order that has none', async () => {
    const { refundQuery, paid } = await openCertified()
    expect(await refundQuery({ out_trade_no: await paid() })).toMatchObject({ err_code: 'REFUNDNOTEXIST', err_code_des: 'not exist' })
  })

  it.each([
    ['closed', 'REFUNDCLOSE'],
    ['abnormal', 'CHANGE'],
  ])('says of a refund that ended %s: %s', async (outcome, word) => {
    const { refund, refundQuery, paid, control } = await openCertified()
    await control.must('POST', 'refunds/outcome', { outcome })
    const { out_refund_no } = await refund({ out_trade_no: await paid() })
    await control.advance(5_000)
    const answer = await refundQuery({ out_refund_no })
    expect(answer).toMatchObject({ refund_status_0: word })
    expect(answer).not.toHaveProperty('refund_success_time_0')
  })
})
