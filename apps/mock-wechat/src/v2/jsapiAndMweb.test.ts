import { describe, expect, it } from 'vitest'
import { formatBeijing } from '../support/beijing.ts'
import { openBench } from '../testing/bench.ts'
import { openidAt } from '../testing/payers.ts'
import { newNumber } from '../testing/shop.ts'

const wap = { h5_info: { type: 'Wap', wap_url: 'https://m.qinghe.example', wap_name: '青禾书店' } }
const mweb = { trade_type: 'MWEB', product_id: undefined, scene_info: JSON.stringify(wap) }
const jsapi = { trade_type: 'JSAPI', product_id: undefined }

describe('unifiedorder with JSAPI', () => {
  it('answers a prepay id and no code', async () => {
    const { shop, merchant, control } = await openBench()
    const answer = await shop.create({ ...jsapi, openid: openidAt(merchant) })
    expect(answer).toMatchObject({ result_code: 'SUCCESS', trade_type: 'JSAPI', prepay_id: expect.stringMatching(/^wx\w{34}$/) })
    expect(answer).not.toHaveProperty('code_url')
    expect(await control.trades()).toMatchObject([{ tradeType: 'JSAPI', payerOpenid: openidAt(merchant), codeUrl: null }])
  })

  it('wants an openid under the very appid', async () => {
    const { shop, merchant } = await openBench()
    expect(await shop.create(jsapi)).toEqual({ return_code: 'FAIL', return_msg: 'JSAPI支付必须传openid' })
    expect(await shop.create({ ...jsapi, openid: openidAt(merchant, 'mini-program') })).toMatchObject({
      err_code: 'PARAM_ERROR',
      err_code_des: 'appid and openid not match',
    })
    expect(await shop.create({ ...jsapi, openid: 'oNobody' })).toMatchObject({ err_code: 'PARAM_ERROR' })
    const own = { ...jsapi, appid: merchant.appids[1], openid: openidAt(merchant, 'mini-program') }
    expect(await shop.create(own)).toMatchObject({ result_code: 'SUCCESS', appid: merchant.appids[1] })
  })

  it('repeats the same prepay id for two hours, and refuses the number for another trade type or payer', async () => {
    const { shop, merchant, control } = await openBench()
    const time_expire = formatBeijing(Date.now() + 10_000_000)
    const order = { ...jsapi, out_trade_no: newNumber(), openid: openidAt(merchant), time_expire }
    const first = await shop.create(order)
    expect((await shop.create(order))['prepay_id']).toBe(first['prepay_id'])
    const used = { err_code: 'INVALID_REQUEST', err_code_des: '201 商户订单号重复' }
    expect(await shop.create({ ...order, openid: openidAt(merchant, 'official-account', 'friend') })).toMatchObject(used)
    expect(await shop.create({ ...order, ...mweb, openid: undefined })).toMatchObject(used)
    expect(await shop.create({ ...order, trade_type: 'NATIVE', product_id: 'P' })).toMatchObject(used)
    await control.advance(7_200_000)
    expect((await shop.create(order))['prepay_id']).not.toBe(first['prepay_id'])
  })
})

describe('unifiedorder with MWEB', () => {
  it('answers an address of this mock, a fresh one after five minutes', async () => {
    const { shop, control, url } = await openBench()
    const order = { ...mweb, out_trade_no: newNumber(), time_expire: formatBeijing(Date.now() + 900_000) }
    const first = await shop.create(order)
    expect(first['mweb_url']).toBe(
      `${url}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=${first['prepay_id'] ?? ''}&package=${first['mweb_url']?.slice(-10) ?? ''}`,
    )
    expect((await shop.create(order))['mweb_url']).toBe(first['mweb_url'])
    await control.advance(300_000)
    expect((await shop.create(order))['mweb_url']).not.toBe(first['mweb_url'])
  })

  it.each([
    { h5_info: { type: 'IOS', app_name: '青禾', bundle_id: 'cn.qinghe' } },
    { h5_info: { type: 'Android', app_name: '青禾', package_name: 'cn.qinghe' } },
  ])('takes the scene %j', async (scene) => {
    const { shop } = await openBench()
    expect(await shop.create({ ...mweb, scene_info: JSON.stringify(scene) })).toMatchObject({ result_code: 'SUCCESS' })
  })

  it('wants a scene, and one of the known kinds', async () => {
    const { shop } = await openBench()
    expect(await shop.create({ ...mweb, scene_info: undefined })).toMatchObject({ return_msg: '缺少参数' })
    for (const scene of ['{', '{}', '{"h5_info":{"type":"Wap"}}', '{"h5_info":{"type":"Web","wap_url":"x","wap_name":"y"}}']) {
      expect(await shop.create({ ...mweb, scene_info: scene })).toMatchObject({ err_code: 'PARAM_ERROR' })
    }
  })
})
