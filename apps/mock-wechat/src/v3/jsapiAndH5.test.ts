import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { openidAt } from '../testing/payers.ts'

const scene = { payer_client_ip: '203.0.113.7', h5_info: { type: 'Wap' } }

describe('POST /v3/pay/transactions/jsapi', () => {
  it.each(['official-account', 'mini-program'] as const)('answers a prepay id for a user of the %s', async (kind) => {
    const { jsonShop, control, merchant } = await openBench()
    const appid = merchant.accounts.find((account) => account.kind === kind)?.appid
    const openid = openidAt(merchant, kind)
    const answer = await jsonShop.start('jsapi', { appid, payer: { openid } })
    expect(answer).toMatchObject({ status: 200, body: { prepay_id: expect.stringMatching(/^wx[0-9a-f]{34}$/) } })
    expect(await control.trades()).toMatchObject([
      { tradeType: 'JSAPI', appid, payerOpenid: openid, codeUrl: null, prepayId: answer.body['prepay_id'] },
    ])
  })

  it.each([
    [undefined, '输入源“/body/payer”映射到字段“支付者”必填性规则校验失败，此字段为必填项'],
    [{}, '输入源“/body/payer/openid”映射到字段“用户标识”必填性规则校验失败，此字段为必填项'],
    [{ openid: 'oNobody' }, '无效的openid'],
    [{ openid: 'payer' }, '无效的openid'],
  ])('refuses the payer %j', async (payer, message) => {
    const { jsonShop } = await openBench()
    expect(await jsonShop.start('jsapi', { payer })).toMatchObject({ status: 400, body: { code: 'PARAM_ERROR', message } })
  })

  it('refuses an openid of the same person under another appid, and a trade of it is never made', async () => {
    const { jsonShop, merchant, control } = await openBench()
    const answer = await jsonShop.start('jsapi', { payer: { openid: openidAt(merchant, 'mini-program') } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'PARAM_ERROR', message: 'appid和openid不匹配' } })
    expect(await control.trades()).toEqual([])
  })
})

describe('POST /v3/pay/transactions/h5', () => {
  it('answers an address of this mock', async () => {
    const { jsonShop, control, url } = await openBench()
    const answer = await jsonShop.start('h5', { scene_info: scene })
    const [trade] = await control.trades()
    expect(trade).toMatchObject({ tradeType: 'MWEB', codeUrl: null })
    expect(answer.body['h5_url']).toMatch(
      new RegExp(String.raw`^${url}/cgi-bin/mmpayweb-bin/checkmweb\?prepay_id=${trade?.prepayId ?? ''}&package=\d{10}$`),
    )
  })

  it('answers an address of where payers reach the mock, when that is told', async () => {
    const { jsonShop } = await openBench({ publicUrl: 'https://wechat.test' })
    const answer = await jsonShop.start('h5', { scene_info: scene })
    expect(answer.body['h5_url']).toMatch(/^https:\/\/wechat\.test\/cgi-bin\//)
  })

  it.each([
    [undefined, '/body/scene_info'],
    [{ h5_info: { type: 'Wap' } }, '/body/scene_info/payer_client_ip'],
    [{ payer_client_ip: '203.0.113.7' }, '/body/scene_info/h5_info'],
    [{ payer_client_ip: '203.0.113.7', h5_info: {} }, '/body/scene_info/h5_info/type'],
    [{ payer_client_ip: '203.0.113.7', h5_info: { type: 'wap' } }, '/body/scene_info/h5_info/type'],
    [{ payer_client_ip: 'unknown', h5_info: { type: 'Wap' } }, '用户终端IP'],
  ])('refuses the scene %j', async (scene_info, named) => {
    const { jsonShop } = await openBench()
    const answer = await jsonShop.start('h5', { scene_info })
    expect(answer).toMatchObject({ status: 400, body: { code: 'PARAM_ERROR', message: expect.stringContaining(named) } })
  })
})

describe('a number that is placed again', () => {
  it('with the same parameters gets a fresh prepay id', async () => {
    const { jsonShop, merchant, control } = await openBench()
    const order = jsonShop.order({ payer: { openid: openidAt(merchant) } })
    const ids = [await jsonShop.start('jsapi', order), await jsonShop.start('jsapi', order)].map(({ body }) => body['prepay_id'])
    expect(new Set(ids)).toHaveLength(2)
    expect(await control.trades()).toMatchObject([{ prepayId: ids[1] }])
  })

  it('as another product, or for another payer, is refused', async () => {
    const { jsonShop, merchant } = await openBench()
    const order = jsonShop.order({ scene_info: scene })
    await jsonShop.start('h5', order)
    const refused = { status: 400, body: { code: 'INVALID_REQUEST' } }
    expect(await jsonShop.create({ ...order, scene_info: undefined })).toMatchObject(refused)
    const own = jsonShop.order({ payer: { openid: openidAt(merchant) } })
    await jsonShop.start('jsapi', own)
    const friend = { payer: { openid: openidAt(merchant, 'official-account', 'friend') } }
    expect(await jsonShop.start('jsapi', { ...own, ...friend })).toMatchObject(refused)
  })
})
