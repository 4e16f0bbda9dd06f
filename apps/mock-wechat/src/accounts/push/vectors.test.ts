import { describe, expect, it } from 'vitest'
import { jsSdkSignature } from '../jsSdk.ts'
import { vectors } from '../../testing/accountVectors.ts'
import { decrypt, encrypt } from './cipher.ts'
import { judgeReply } from './reply.ts'
import { signatureOf } from './signature.ts'

describe('signatures', () => {
  it.each([
    ['of the server check', vectors.server_check],
    ['of WeChat’s own example', vectors.plain_push_doc_example],
    ['of an encrypted push', vectors.aes_push_json],
  ])('%s fit', (_, { token, timestamp, nonce, signature }) => {
    expect(signatureOf(token, timestamp, nonce)).toBe(signature)
  })

  it.each([vectors.aes_push_json, vectors.aes_push_xml, vectors.aes_reply_xml])('msg_signature fits', (vector) => {
    expect(signatureOf(vector.token, vector.timestamp, vector.nonce, vector.encrypt)).toBe(vector.msg_signature)
  })

  it.each(vectors.jssdk)('of wx.config fit: $url', ({ jsapi_ticket: ticket, noncestr: nonceStr, timestamp, url, signature }) => {
    expect(jsSdkSignature({ ticket, nonceStr, timestamp, url })).toBe(signature)
  })
})

describe('encryption', () => {
  const wholeKeys = { ...vectors.aes_push_json, ...vectors.aes_reply_json, encoding_aes_key: vectors.aes_push_json.encoding_aes_key }

  it.each([
    ['WeChat’s push', vectors.aes_push_json],
    ['WeChat’s reply', wholeKeys],
    ['letters of several bytes', vectors.aes_wxjava_vector],
    ['an XML push', vectors.aes_push_xml],
    ['a reply with a whole block of padding', vectors.aes_reply_xml],
  ])('gives the published text, and reads it back: %s', (_, vector) => {
    const { plaintext: message, appid, encoding_aes_key: aesKey, random16: random, encrypt: expected } = vector
    expect(encrypt({ message, appid, aesKey, random })).toBe(expected)
    expect(decrypt(expected, aesKey)).toEqual({ message, appid })
  })

  it('refuses a padding that no message has', () => {
    const { appid, encoding_aes_key: aesKey } = vectors.aes_push_xml
    expect(() => decrypt(encrypt({ message: '<xml></xml>', appid, aesKey, badPadding: true }), aesKey)).toThrow('the padding is wrong')
  })

  it.each(vectors.aes_push_negative)('lets nobody take $name for a right one', (vector) => {
    const signed = signatureOf(vector.token, vector.timestamp, vector.nonce, vector.encrypt) === vector.msg_signature
    expect(signed && decrypt(vector.encrypt, vector.encoding_aes_key).appid === vector.expected_appid).toBe(false)
  })
})

describe('an encrypted reply', () => {
  const { token, encoding_aes_key: aesKey, appid, response_body: body } = vectors.aes_reply_xml
  const account = { token, aesKey, appid, originalId: 'gh_7f083739789a' }
  const asked = { account, mode: 'safe', format: 'xml', openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' } as const

  it('is opened and read', () => {
    expect(judgeReply(body, asked)).toEqual({ type: 'reply', msgType: 'text', content: '订单42已支付' })
  })

  it.each([
    ['another signature', body.replace('499b889a', '499b889b'), asked, 'MsgSignature is wrong'],
    ['another text', body.replace('RvEoOPc9', 'RvEoOPc8'), asked, 'MsgSignature is wrong'],
    ['another appid', body, { ...asked, account: { ...account, appid: 'wx0' } }, 'the appid behind the message is not that of the account'],
    ['another user', body, { ...asked, openid: 'oSomebody' }, 'ToUserName is not the openid of the sender'],
    [
      'another account',
      body,
      { ...asked, account: { ...account, originalId: 'gh_0' } },
      'FromUserName is not the original id of the account',
    ],
    ['a clear account', body, { ...asked, mode: 'plain' as const }, 'the reply is encrypted, and the account is not'],
  ])('is wrong with %s', (_, answer, asked, reason) => {
    expect(judgeReply(answer, asked)).toEqual({ type: 'wrong', reason })
  })
})
