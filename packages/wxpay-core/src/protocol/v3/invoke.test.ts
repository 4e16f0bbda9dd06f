import { createPrivateKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { merchantPublicKey, v3 } from '../../testing/v3.ts'
import { signAppInvoke, signJsapiInvoke } from './invoke.ts'

const privateKey = createPrivateKey(v3.keys.merchant.private_key_pem)
const prepayId = 'wx010801401234567890abcdef1234560000'
const moment = { timestamp: 1_767_225_700, nonce: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS' }
const { appid: appId, mchid: mchId } = v3.keys

describe('the signature that opens a payment', () => {
  it('there is no vector that is not tested here', () => {
    expect(v3.bring_up.map(({ name }) => name)).toEqual(['jsapi_or_mini_program', 'app'])
  })

  it('in WeChat and in a mini program is the vector’s', async () => {
    const vector = v3.bring_up[0]
    const invoke = await signJsapiInvoke({ appId, prepayId, privateKey }, moment)
    expect(invoke).toEqual(vector?.params)
    expect(verify('RSA-SHA256', Buffer.from(vector?.message ?? ''), merchantPublicKey, Buffer.from(invoke.paySign, 'base64'))).toBe(true)
  })

  it('in a mobile app is the vector’s, over another last line', async () => {
    const vector = v3.bring_up[1]
    const invoke = await signAppInvoke({ appId, mchId, prepayId, privateKey }, moment)
    expect(invoke).toEqual(vector?.params)
    expect(verify('RSA-SHA256', Buffer.from(vector?.message ?? ''), merchantPublicKey, Buffer.from(invoke.sign, 'base64'))).toBe(true)
  })
})
