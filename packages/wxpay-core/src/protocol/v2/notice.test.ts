import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { miniProgramId } from '../../testing/callV2.ts'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { answerParts, paidParts, signedMessage, unsignedMessage, type Parts } from '../../testing/message.ts'
import { readAccount } from '../account.ts'
import { NoticeRefusedError, type NoticeRefusal } from '../errors.ts'
import { maxNoticeBytes } from '../port.ts'
import { noticeReplies, openNotice } from './notice.ts'
import { createSigner } from './sign.ts'
import { maxXmlBytes, readXml } from './xml.ts'

const md5 = { account: readAccount(merchant), signer: createSigner(merchant.key, 'MD5') }
const hmac = { ...md5, signer: createSigner(merchant.key, 'HMAC-SHA256') }

const paid: Parts = { ...answerParts, ...paidParts }
const open = (xml: string, parts = md5) => openNotice(parts, Buffer.from(xml, 'utf8'))

function errorOf(work: () => unknown): NoticeRefusedError | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof NoticeRefusedError) return error
    throw error
  }
  return undefined
}

function refusalOf(work: () => unknown): NoticeRefusal | undefined {
  return errorOf(work)?.reason
}

describe('R5 a payment notice', () => {
  it('opens when everything is right', () => {
    const raw = fixture('notice-coupon.md5.xml')
    expect(openNotice(md5, raw)).toEqual({
      protocol: 'v2',
      noticeId: createHash('sha256').update(raw).digest('hex'),
      raw: raw.toString('utf8'),
      outcome: 'paid',
      trade: {
        outTradeNo: 'QH20260301000017',
        transactionId: '4200009042202603017754120386',
        totalFen: 4580,
        currency: 'CNY',
        payerFen: 4080,
        paidAt: new Date('2026-03-01T10:17:42+08:00'),
        openId: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
      },
    })
  })

  it('opens with fields that nobody knows, and with a signed sign_type', () => {
    expect(openNotice(md5, fixture('notice-unknown-field.md5.xml'))).toMatchObject({
      outcome: 'paid',
      trade: { outTradeNo: 'QH20260301000021' },
    })
  })

  it('opens by the configured HMAC-SHA256 when it does not name its sign type', () => {
    expect(openNotice(hmac, fixture('notice-without-sign-type.hmac-sha256.xml'))).toMatchObject({
      outcome: 'paid',
      trade: { outTradeNo: 'QH20260301000018' },
    })
  })

  it('opens with spaces around a value, which are part of what is signed', () => {
    expect(open(signedMessage({ ...paid, attach: ' a ]]> b ' }))).toMatchObject({ outcome: 'paid' })
  })

  it('opens without the fields that nobody books a payment by', () => {
    const bare = signedMessage({ ...paid, openid: undefined, bank_type: undefined, cash_fee: undefined, fee_type: undefined })
    expect(open(bare)).toMatchObject({ outcome: 'paid', trade: { totalFen: 4580, payerFen: 4580, currency: 'CNY', openId: null } })
  })

  it.each(['NATIVE', 'JSAPI', 'NEW', undefined])('opens whatever its trade_type is: %s', (trade_type) => {
    expect(open(signedMessage({ ...paid, trade_type }))).toMatchObject({ outcome: 'paid' })
  })

  it('is refused when it is the answer to a query, which WeChat has signed with the same key', () => {
    expect(errorOf(() => openNotice(md5, fixture('orderquery-answer-success.md5.xml')))).toMatchObject({
      reason: 'malformed',
      authentic: true,
      message: 'notice refused, malformed: trade_state: the answer to a query is not a notice',
    })
    for (const trade_state of ['SUCCESS', 'REFUND', 'NOTPAY'])
      expect(refusalOf(() => open(signedMessage({ ...paid, trade_state })))).toBe('malformed')
  })

  it.each(['unifiedorder-answer-native.md5.xml', 'closeorder-answer.md5.xml', 'closeorder-answer-orderpaid.md5.xml'])(
    'is refused when it is another of WeChat’s signed answers: %s',
    (name) => {
      expect(errorOf(() => openNotice(md5, fixture(name)))).toMatchObject({ reason: 'missing-field', authentic: true })
    },
  )

  it('that says FAIL, verified, is opened as failed and tells why', () => {
    expect(
      open(
        signedMessage({
          ...answerParts,
          result_code: 'FAIL',
          out_trade_no: 'QH20260301000017',
          err_code: 'SYSTEMERROR',
          err_code_des: '系统错误',
        }),
      ),
    ).toMatchObject({
      outcome: 'failed',
      outTradeNo: 'QH20260301000017',
      code: 'SYSTEMERROR',
      description: '系统错误',
    })
  })

  it('has an id of its own for every difference in its bytes', () => {
    const xml = signedMessage(paid)
    expect(open(xml).noticeId).toBe(open(xml).noticeId)
    expect(open(`${xml}\n`).noticeId).not.toBe(open(xml).noticeId)
  })

  it.each(Object.keys({ ...paid, sign: '' }))('is refused when %s was changed, emptied or taken out after the signing', (name) => {
    const fields = readXml(Buffer.from(signedMessage(paid), 'utf8'))
    const original = fields.get(name) ?? ''
    const forged = [`${original}0`, original.slice(1), '', undefined].map((value) =>
      unsignedMessage({ ...Object.fromEntries(fields), [name]: value }),
    )
    // return_msg could be absent, but not after it was signed
    for (const xml of forged)
      expect(
        refusalOf(() => open(xml)),
        xml,
      ).toMatch(/^(wrong-signature|not-successful)$/)
  })

  it('is refused when a field was added after the signing', () => {
    const fields = Object.fromEntries(readXml(Buffer.from(signedMessage(paid), 'utf8')))
    expect(refusalOf(() => open(unsignedMessage({ ...fields, coupon_fee: '1' })))).toBe('wrong-signature')
  })

  it('is refused when it was signed with another key', () => {
    expect(refusalOf(() => open(signedMessage(paid, 'MD5', '192006250b4c09247ec02edce69f6a2d')))).toBe('wrong-signature')
  })

  it('is refused when it was signed by MD5 and HMAC-SHA256 is configured, whatever it says of itself', () => {
    for (const signType of [undefined, 'MD5', 'HMAC-SHA256'])
      expect(refusalOf(() => open(signedMessage({ ...paid, sign_type: signType }), hmac))).toBe('wrong-signature')
    expect(refusalOf(() => open(signedMessage(paid, 'HMAC-SHA256'), md5))).toBe('wrong-signature')
  })

  it('is refused when it names another sign type than the configured one, though the signature is right', () => {
    expect(refusalOf(() => open(signedMessage({ ...paid, sign_type: 'HMAC-SHA256' }, 'MD5')))).toBe('wrong-signature')
    expect(refusalOf(() => open(signedMessage({ ...paid, sign_type: 'MD5' }, 'HMAC-SHA256'), hmac))).toBe('wrong-signature')
  })

  it('opens when it is about another app of the merchant', () => {
    const both = { ...md5, account: readAccount({ ...merchant, otherAppIds: [miniProgramId] }) }
    expect(open(signedMessage({ ...paid, appid: miniProgramId }), both)).toMatchObject({ outcome: 'paid' })
    expect(open(signedMessage(paid), both)).toMatchObject({ outcome: 'paid' })
    expect(refusalOf(() => open(signedMessage({ ...paid, appid: miniProgramId })))).toBe('wrong-merchant')
  })

  it.each(['appid', 'mch_id'])('is refused when %s is not ours, though the signature is right', (name) => {
    expect(refusalOf(() => open(signedMessage({ ...paid, [name]: 'wxd930ea5d5a258f4f' })))).toBe('wrong-merchant')
    expect(refusalOf(() => open(signedMessage({ ...paid, [name]: undefined })))).toBe('wrong-merchant')
  })

  it.each([
    ['one byte over the limit', 'too-large', ' '.repeat(maxNoticeBytes + 1)],
    ['empty', 'malformed', ''],
    ['no XML', 'malformed', 'success'],
    [
      'XML with a DOCTYPE',
      'malformed',
      '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><return_code>&x;</return_code></xml>',
    ],
    ['XML with a name twice', 'malformed', signedMessage(paid).replace('<total_fee>', '<total_fee>1</total_fee><total_fee>')],
    ['without fields', 'not-successful', '<xml></xml>'],
    ['a FAIL that nobody signed', 'not-successful', unsignedMessage({ return_code: 'FAIL', return_msg: '签名失败' })],
    ['a FAIL that is signed', 'not-successful', signedMessage({ ...paid, return_code: 'FAIL' })],
    ['not signed', 'wrong-signature', unsignedMessage(paid)],
    ['signed with nothing', 'wrong-signature', unsignedMessage({ ...paid, sign: '' })],
    ['without result_code', 'missing-field', signedMessage({ ...paid, result_code: undefined })],
    ['of another result_code', 'malformed', signedMessage({ ...paid, result_code: 'success' })],
    ['a payment without its number', 'missing-field', signedMessage({ ...paid, transaction_id: undefined })],
    ['a payment in yuan', 'malformed', signedMessage({ ...paid, total_fee: '45.80' })],
    ['a failure without the number of the order', 'missing-field', signedMessage({ ...answerParts, result_code: 'FAIL' })],
  ])('is refused when it is %s: %s', (_, reason, xml) => {
    expect(refusalOf(() => open(xml))).toBe(reason)
  })

  it('is checked in the order of the rule: what is wrong first is what is said', () => {
    const wrongInAll = { ...paid, return_code: 'FAIL', appid: 'other', result_code: undefined, total_fee: 'x' }
    expect(refusalOf(() => open(unsignedMessage(wrongInAll)))).toBe('not-successful')
    expect(refusalOf(() => open(unsignedMessage({ ...wrongInAll, return_code: 'SUCCESS' })))).toBe('wrong-signature')
    expect(refusalOf(() => open(signedMessage({ ...wrongInAll, return_code: 'SUCCESS' })))).toBe('wrong-merchant')
    expect(refusalOf(() => open(signedMessage({ ...wrongInAll, return_code: 'SUCCESS', appid: merchant.appId })))).toBe('missing-field')
  })

  it.each([
    ['another merchant', 'wrong-merchant', { ...paid, appid: 'wxd930ea5d5a258f4f' }],
    ['a field that is missing', 'missing-field', { ...paid, time_end: undefined }],
    ['an amount in yuan', 'malformed', { ...paid, total_fee: '45.80' }],
    ['an unknown result_code', 'malformed', { ...paid, result_code: 'UNKNOWN' }],
  ])('that is refused for %s is authentic when its signature is right, and a forgery when not', (_, reason, parts) => {
    expect(errorOf(() => open(signedMessage(parts)))).toMatchObject({ reason, authentic: true })
    expect(errorOf(() => open(signedMessage(parts, 'MD5', '192006250b4c09247ec02edce69f6a2d')))).toMatchObject({
      reason: 'wrong-signature',
      authentic: false,
    })
  })

  it.each([
    ['is too large', ' '.repeat(maxNoticeBytes + 1)],
    ['is no XML', 'success'],
    ['says FAIL of itself', signedMessage({ ...paid, return_code: 'FAIL' })],
    ['is not signed', unsignedMessage(paid)],
  ])('that %s is not authentic', (_, xml) => {
    expect(errorOf(() => open(xml))?.authentic).toBe(false)
  })

  it('tells no value of what it refuses', () => {
    const secretive = { ...paid, total_fee: '45.80', out_trade_no: 'QH-TELLTALE', openid: 'o-TELLTALE' }
    expect(errorOf(() => open(signedMessage(secretive)))?.message).toBe('notice refused, malformed: total_fee is unreadable')
  })

  it('has nothing of the key or of the signed text in its refusal', () => {
    expect(() => open(signedMessage({ ...paid, sign_type: 'HMAC-SHA256' }))).toThrow(
      /^notice refused, wrong-signature: sign is not this key's MD5$/,
    )
  })

  it('may be as long as the XML gate reads', () => {
    expect(maxNoticeBytes).toBe(maxXmlBytes)
  })
})

describe('R8 a probe of signatures', () => {
  /** WeChat sends such signatures to test whether receivers verify; its pages name them for v3 only, and here they are just wrong. */
  const probe = 'WECHATPAY/SIGNTEST/98BA750F73AF082115C1DC682E24ED9D'

  it.each(['MD5', 'HMAC-SHA256'] as const)('is refused as a wrong signature, never as a notice of WeChat’s (%s)', (signType) => {
    const error = errorOf(() => open(unsignedMessage({ ...paid, sign: probe }), signType === 'MD5' ? md5 : hmac))
    expect(error).toMatchObject({ reason: 'wrong-signature', authentic: false })
  })
})

describe('the reply to a notice', () => {
  it('that was accepted is WeChat’s own example, byte for byte', () => {
    expect(noticeReplies.accepted()).toEqual({
      status: 200,
      contentType: 'text/xml; charset=utf-8',
      body: fixture('notice-reply.unsigned.xml').toString('utf8'),
    })
  })

  it('that was refused says FAIL and why', () => {
    expect(noticeReplies.refused('wrong-signature')).toEqual({
      status: 400,
      contentType: 'text/xml; charset=utf-8',
      body: '<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[wrong-signature]]></return_msg></xml>',
    })
  })

  it('asks for the notice again when the fault is ours', () => {
    expect(noticeReplies.failed()).toMatchObject({ status: 503 })
    expect(readXml(Buffer.from(noticeReplies.failed().body)).get('return_code')).toBe('FAIL')
  })

  it('is XML of at most 128 characters of reason, whatever the reason holds', () => {
    const { body } = noticeReplies.refused(`]]>\u0000\r😀\ud83d${'x'.repeat(1_000)}`)
    expect(readXml(Buffer.from(body)).get('return_msg')).toBe(`]]>?????${'x'.repeat(120)}`)
  })
})
