import { describe, expect, it } from 'vitest'
import { isSigned, sign } from './sign.ts'
import { readXml } from './xml.ts'

const fields = (record: Record<string, string>) => new Map(Object.entries(record))

describe('a v2 signature', () => {
  // The example of WeChat's page 安全规范: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=4_3
  const official = fields({
    nonce_str: 'ibuaiVcKdpRxkhJA',
    appid: 'wxd930ea5d5a258f4f',
    mch_id: '10000100',
    device_info: '1000',
    body: 'test',
  })
  const key = '192006250b4c09247ec02edce69f6a2d'

  it.each([
    ['MD5', '9A0A8659F005D6984697E2CA0A9CF3B7'],
    ['HMAC-SHA256', '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6'],
  ] as const)('is what WeChat publishes for %s', (type, expected) => {
    expect(sign(official, key, type)).toBe(expected)
  })

  it('covers Chinese text as UTF-8', () => {
    const answer = fields({
      appid: 'wxa5b511bc130a4d9e',
      device_info: 'WEB',
      err_code: 'INVALID_REQUEST',
      err_code_des: '201 商户订单号重复',
      mch_id: '110605603',
      nonce_str: 'zg9vizP9FSWKP9ku',
      result_code: 'FAIL',
      return_code: 'SUCCESS',
      return_msg: 'OK',
      sub_mch_id: '345923236',
    })
    expect(sign(answer, '2ab9071b06b9f739b950ddb41db2690d', 'MD5')).toBe('E06AFA945146A138D7F7C3CF4C13234F')
  })

  it('covers unknown fields, zeros and outer spaces, but neither empty values nor itself', () => {
    const base = { a: '0', B: ' x ', _c: 'y' }
    const expected = sign(fields(base), key, 'MD5')
    expect(sign(fields({ ...base, empty: '', sign: 'whatever' }), key, 'MD5')).toBe(expected)
    expect(sign(fields({ ...base, B: 'x' }), key, 'MD5')).not.toBe(expected)
    expect(sign(fields({ B: ' x ', _c: 'y' }), key, 'MD5')).not.toBe(expected)
  })

  it('fits a message as it arrives, whatever its order and its CDATA', () => {
    const xml = `<xml><sign>9A0A8659F005D6984697E2CA0A9CF3B7</sign><body><![CDATA[te]]>st</body><mch_id>10000100</mch_id>
      <nonce_str>ibuaiVcKdpRxkhJA</nonce_str><device_info>1000</device_info><appid><![CDATA[wxd930ea5d5a258f4f]]></appid></xml>`
    expect(isSigned(readXml(xml), key, 'MD5')).toBe(true)
    expect(isSigned(readXml(xml.replace('1000<', '1001<')), key, 'MD5')).toBe(false)
    expect(isSigned(readXml(xml.replace(/<sign>.*<\/sign>/, '')), key, 'MD5')).toBe(false)
  })
})
