import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { createShop, newNumber } from '../testing/shop.ts'

describe('orderquery', () => {
  it('says NOTPAY, then SUCCESS with everything about the payment', async () => {
    const { shop, control } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo, attach: 'branch=7&till=<2>' })
    const before = await shop.query(outTradeNo)
    expect(before).toMatchObject({ trade_state: 'NOTPAY', trade_state_desc: '订单未支付', total_fee: '4580' })
    expect(before).not.toHaveProperty('transaction_id')
    await control.pay({ outTradeNo, couponFen: 500 })
    expect(await shop.query(outTradeNo)).toMatchObject({
      trade_state: 'SUCCESS',
      total_fee: '4580',
      cash_fee: '4080',
      coupon_fee: '500',
      coupon_count: '1',
      attach: 'branch=7&till=<2>',
      transaction_id: expect.stringMatching(/^42000\d{23}$/),
      time_end: expect.stringMatching(/^\d{14}$/),
      openid: expect.stringMatching(/^o[\w-]{27}$/),
    })
  })

  it('finds a trade by WeChat’s number too, which wins over the merchant’s', async () => {
    const { shop, control } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await control.pay({ outTradeNo })
    const transactionId = (await shop.query(outTradeNo))['transaction_id']
    expect(await shop.call('orderquery', { transaction_id: transactionId, out_trade_no: newNumber() })).toMatchObject({
      out_trade_no: outTradeNo,
    })
  })

  it('does not know what was never created, nor what belongs to another merchant', async () => {
    const { shop, settings, other } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    const stranger = createShop({ ...settings, mchid: other.mchid, appid: other.appids[0] ?? '', key: other.apiKeyV2 })
    const notThere = { result_code: 'FAIL', err_code: 'ORDERNOTEXIST', err_code_des: '订单不存在' }
    expect(await stranger.query(outTradeNo)).toMatchObject(notThere)
    expect(await shop.query(newNumber())).toMatchObject(notThere)
  })

  it.each(['CLOSED', 'NOTPAY'] as const)('says %s of an expired trade when told to', async (expiredState) => {
    const { shop, control } = await openBench({ switches: { expiredState } })
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await control.advance(900_000)
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: expiredState })
    const close = await shop.close(outTradeNo)
    expect(close['err_code']).toBe(expiredState === 'CLOSED' ? 'ORDERCLOSED' : undefined)
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: 'CLOSED' })
  })

  it('wants one of the two numbers', async () => {
    const { shop } = await openBench()
    expect(await shop.call('orderquery', {})).toMatchObject({ err_code: 'PARAM_ERROR' })
  })
})

describe('closeorder', () => {
  it('closes once, and the code cannot be paid any more', async () => {
    const { shop, control } = await openBench()
    const outTradeNo = newNumber()
    const { code_url: codeUrl } = await shop.create({ out_trade_no: outTradeNo })
    expect(await shop.close(outTradeNo)).toMatchObject({ result_code: 'SUCCESS', result_msg: 'OK' })
    expect(await shop.close(outTradeNo)).toMatchObject({ err_code: 'ORDERCLOSED' })
    expect(await shop.query(outTradeNo)).toMatchObject({ trade_state: 'CLOSED' })
    expect(await control.call('POST', 'pay', { codeUrl })).toMatchObject({ status: 409, json: { code: 'closed' } })
  })

  it('says ORDERPAID of a paid trade and ORDERNOTEXIST of an unknown one', async () => {
    const { shop, control } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await control.pay({ outTradeNo })
    expect(await shop.close(outTradeNo)).toMatchObject({ err_code: 'ORDERPAID', err_code_des: '该订单已支付' })
    expect(await shop.close(newNumber())).toMatchObject({ err_code: 'ORDERNOTEXIST' })
  })

  it('refuses a trade younger than five minutes when it is told to be strict', async () => {
    const { shop, control } = await openBench({ switches: { closeAfterSeconds: 300 } })
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    expect(await shop.close(outTradeNo)).toMatchObject({ err_code: 'TRADE_STATE_ERROR' })
    await control.advance(300_000)
    expect(await shop.close(outTradeNo)).toMatchObject({ result_code: 'SUCCESS' })
  })
})
