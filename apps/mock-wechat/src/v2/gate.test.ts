import { describe, expect, it } from 'vitest'
import { openBench } from '../testing/bench.ts'
import { createShop } from '../testing/shop.ts'

describe('the gate in front of every call', () => {
  it('wants POST', async () => {
    const { url } = await openBench()
    expect(await (await fetch(`${url}/pay/orderquery`)).text()).toContain('require POST method')
  })

  it.each([
    ['', 'post数据为空'],
    ['{"appid":"x"}', 'XML格式错误'],
    ['<!DOCTYPE xml><xml><mch_id>1</mch_id></xml>', 'XML格式错误'],
    ['<xml><a>1</a><a>2</a></xml>', 'XML格式错误'],
    ['<xml></xml>', '缺少参数'],
  ])('refuses the body %j', async (body, returnMsg) => {
    const { shop } = await openBench()
    const response = await shop.post('unifiedorder', body)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(
      `<xml><return_code><![CDATA[FAIL]]></return_code>\n<return_msg><![CDATA[${returnMsg}]]></return_msg></xml>`,
    )
  })

  it('refuses a body above 64 kB', async () => {
    const { shop } = await openBench()
    expect((await shop.post('unifiedorder', 'x'.repeat(70_000))).status).toBe(413)
  })

  it.each([
    [{ mch_id: undefined }, '缺少参数'],
    [{ appid: undefined }, '缺少参数'],
    [{ sign: '' }, '缺少参数'],
    [{ nonce_str: '' }, '缺少参数'],
    [{ mch_id: '1'.repeat(33) }, 'mch_id参数长度有误'],
    [{ appid: 'w'.repeat(33) }, 'appid参数长度有误'],
    [{ nonce_str: 'n'.repeat(33) }, 'nonce_str参数长度有误'],
    [{ mch_id: '1900000109' }, '商户号mch_id不存在'],
    [{ appid: 'wx0123456789abcdef' }, 'appid不存在'],
    [{ sign: 'A'.repeat(64) }, '签名错误'],
    [{ sign_type: 'MD4' }, '签名错误'],
  ])('refuses %j', async (parameters, returnMsg) => {
    const { shop } = await openBench()
    expect(await shop.create(parameters)).toEqual({ return_code: 'FAIL', return_msg: returnMsg })
  })

  it('refuses an appid of another merchant, and a signature by its key', async () => {
    const { shop, other, settings } = await openBench()
    expect(await shop.create({ appid: other.appids[0] })).toMatchObject({ return_msg: '商户号mch_id与appid不匹配' })
    expect(await createShop({ ...settings, key: other.apiKeyV2 }).create()).toMatchObject({ return_msg: '签名错误' })
  })

  it('refuses a message of which one field was changed after signing', async () => {
    const { shop } = await openBench()
    const xml = shop.orderXml({}).replace('4580', '1')
    expect(await (await shop.post('unifiedorder', xml)).text()).toContain('签名错误')
  })

  it('tells the developer what the signature should have covered, with the key masked', async () => {
    const { shop, control } = await openBench()
    await shop.create({ sign: 'A'.repeat(64), body: '海图' })
    const { json } = await control.call('GET', 'refusals')
    expect(JSON.stringify(json)).toMatch(/expected HMAC-SHA256 over: appid=.*body=海图.*&key=\*\*\*/)
    expect(JSON.stringify(json)).not.toContain(shop.key)
  })
})
