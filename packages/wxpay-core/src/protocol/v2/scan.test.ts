import { describe, expect, it } from 'vitest'
import { callBench, miniProgramId } from '../../testing/callV2.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { answerParts, paidParts, signedMessage, unsignedMessage, type Parts } from '../../testing/message.ts'
import { NoticeRefusedError, WechatRefusedError, WechatUnknownOutcomeError } from '../errors.ts'
import { maxNoticeBytes, type NoticeReply } from '../port.ts'
import { createScanGate } from './scan.ts'
import { createSigner, type SignType } from './sign.ts'
import { readXml } from './xml.ts'

const md5 = createSigner(merchant.key, 'MD5')

function gate({
  answer = '',
  nonce = 'm1Qr8Kx2Vt5LwZ0c',
  signType = 'MD5',
}: { answer?: string; nonce?: string; signType?: SignType } = {}) {
  const bench = callBench(answer, signType)
  return { ...createScanGate({ call: bench.call, account: bench.account, signer: md5, nonce: () => nonce }), bench }
}

const printed = fixture('scan-code.txt').toString('utf8')
const at = new Date(1_772_331_300_000)

describe('a printed code', () => {
  it('is the vector’s: the five fields, and their signature by MD5', () => {
    expect(gate().codeFor('BOOK-0042', at)).toBe(printed)
  })

  it('is signed by MD5 too where orders are signed by HMAC-SHA256', () => {
    expect(gate({ signType: 'HMAC-SHA256' }).codeFor('BOOK-0042', at)).toBe(printed)
  })

  it('tells whole seconds', () => {
    expect(gate().codeFor('BOOK-0042', new Date(at.getTime() + 999))).toBe(printed)
  })

  it.each(['', 'x'.repeat(33), 'a&openid=o', 'a=b', '图书', 'a b', 'a\n', 'a/b'])(
    'is not made of the number "%s", from which another message could be read',
    (productId) => {
      expect(() => gate().codeFor(productId, at)).toThrow(new RangeError('productId must be 1 to 32 letters, digits, _ or -'))
    },
  )

  it('opens nothing when its fields are sent as a scan, with an openid or without', () => {
    const fields = Object.fromEntries(new URL(printed).searchParams)
    const code = new Map(Object.entries(fields))
    expect(md5.verify(code)).toBe(true)
    const asXml = (more: Parts) => signedMessage({ ...fields, sign: undefined, ...more })
    expect(refusalOf(asXml({}))).toMatchObject({ reason: 'malformed', authentic: true })
    expect(refusalOf(asXml({ openid: 'o1' }))).toMatchObject({ reason: 'malformed', authentic: true })
  })
})

describe('a shorter text for a code', () => {
  it('is asked for with the long one signed as it is and sent percent-encoded', async () => {
    const { shorten, bench } = gate({ answer: fixture('shorturl-answer.md5.xml').toString('utf8') })
    expect(await shorten(printed)).toBe('weixin://wxpay/s/Qh7Zk3a')
    const [call] = bench.sent
    const documented = readXml(fixture('shorturl-request.percent-encoded.xml'))
    expect(call?.path).toBe('/tools/shorturl')
    expect(call?.fields['long_url']).toBe(documented.get('long_url'))
    const { sign, ...fields } = call?.fields ?? {}
    expect(sign).toBe(md5.sign(new Map(Object.entries({ ...fields, long_url: printed }))))
  })

  it('has the signature of WeChat’s way to sign it', () => {
    const fields = new Map(readXml(fixture('shorturl-request.percent-encoded.xml')))
    expect(md5.verify(fields)).toBe(false)
    expect(md5.verify(fields.set('long_url', decodeURIComponent(fields.get('long_url') ?? '')))).toBe(true)
  })

  it('is refused in WeChat’s words, and unknown without one', async () => {
    const refused = { ...answerParts, result_code: 'FAIL', err_code: 'PARAM_ERROR', err_code_des: '参数错误' }
    expect(await errorOf(gate({ answer: signedMessage(refused) }).shorten(printed))).toBeInstanceOf(WechatRefusedError)
    expect(await errorOf(gate({ answer: signedMessage(answerParts) }).shorten(printed))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

const scan: Parts = {
  appid: merchant.appId,
  openid: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
  mch_id: merchant.mchId,
  is_subscribe: 'N',
  nonce_str: 'uG4sXe7RkB1nYd9V',
  product_id: 'BOOK-0042',
}

function refusalOf(message: string | Buffer): NoticeRefusedError | undefined {
  try {
    gate().open(Buffer.from(message))
  } catch (error) {
    if (error instanceof NoticeRefusedError) return error
    throw error
  }
  return undefined
}

describe('R5 a scan', () => {
  const opened = { productId: 'BOOK-0042', openId: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc', subscribed: false, nonce: 'uG4sXe7RkB1nYd9V' }

  it('opens when everything is right', () => {
    expect(gate().open(fixture('scan.md5.xml'))).toEqual(opened)
    expect(gate().open(Buffer.from(signedMessage(scan)))).toEqual(opened)
  })

  it('tells who follows the account', () => {
    expect(gate().open(Buffer.from(signedMessage({ ...scan, is_subscribe: 'Y' }))).subscribed).toBe(true)
    expect(gate().open(Buffer.from(signedMessage({ ...scan, is_subscribe: undefined }))).subscribed).toBe(false)
  })

  it('opens with a field that nobody knows, which is signed too', () => {
    expect(gate().open(Buffer.from(signedMessage({ ...scan, scene: '7' })))).toEqual(opened)
  })

  it('is signed by MD5 where orders are signed by HMAC-SHA256', () => {
    expect(gate({ signType: 'HMAC-SHA256' }).open(fixture('scan.md5.xml'))).toEqual(opened)
  })

  const changed = (from: string, to: string) => fixture('scan.md5.xml').toString('utf8').replace(from, to)
  it.each<[string, string | Buffer, Partial<NoticeRefusedError>]>([
    ['too long', Buffer.alloc(maxNoticeBytes + 1, 0x20), { reason: 'too-large', authentic: false }],
    ['no XML', '{}', { reason: 'malformed', authentic: false }],
    ['XML with a DOCTYPE', `<!DOCTYPE xml>${signedMessage(scan)}`, { reason: 'malformed', authentic: false }],
    ['for another product than was signed', changed('BOOK-0042', 'BOOK-0043'), { reason: 'wrong-signature', authentic: false }],
    ['for another payer than was signed', changed('oDocs5aX1', 'oDocs5aX2'), { reason: 'wrong-signature', authentic: false }],
    ['not signed', unsignedMessage(scan), { reason: 'wrong-signature', authentic: false }],
    ['signed with another key', signedMessage(scan, 'MD5', 'x'.repeat(32)), { reason: 'wrong-signature', authentic: false }],
    ['signed by HMAC-SHA256', signedMessage(scan, 'HMAC-SHA256'), { reason: 'wrong-signature', authentic: false }],
    ['for another merchant', signedMessage({ ...scan, mch_id: '1900006043' }), { reason: 'wrong-merchant', authentic: true }],
    ['for another app of ours, whose openids are others', signedMessage({ ...scan, appid: miniProgramId }), { reason: 'wrong-merchant' }],
    ['without a payer', signedMessage({ ...scan, openid: '' }), { reason: 'missing-field', authentic: true }],
    ['without a product', signedMessage({ ...scan, product_id: undefined }), { reason: 'missing-field', authentic: true }],
    ['without a nonce', signedMessage({ ...scan, nonce_str: undefined }), { reason: 'missing-field', authentic: true }],
  ])('is refused when it is %s', (_what, message, refusal) => {
    expect(refusalOf(message)).toMatchObject(refusal)
  })

  it.each([
    ['a notice of a payment', signedMessage({ ...answerParts, ...paidParts, product_id: 'BOOK-0042' })],
    ['our own answer to a scan', gate().replies.prepared('wx01101502318407c2e9a4b71d5f60830000').body],
  ])('is not %s, which the same key has signed', (_what, message) => {
    expect(refusalOf(message)).toMatchObject({ reason: 'malformed', authentic: true })
  })
})

describe('the answer to a scan', () => {
  const fieldsOf = ({ body }: NoticeReply) => Object.fromEntries(readXml(Buffer.from(body)))
  const vector = (name: string) => Object.fromEntries(readXml(fixture(name)))

  it('with a payment is the vector’s', () => {
    const reply = gate({ nonce: 'Ty6WqLz3Jc0HvK5p' }).replies.prepared('wx01101502318407c2e9a4b71d5f60830000')
    expect(reply).toMatchObject({ status: 200, contentType: 'text/xml; charset=utf-8' })
    expect(fieldsOf(reply)).toEqual(vector('scan-reply-prepared.md5.xml'))
  })

  it('without one is the vector’s, with the words for the payer', () => {
    const reply = gate({ nonce: 'Ty6WqLz3Jc0HvK5q' }).replies.declined('该商品已下架')
    expect(reply.status).toBe(200)
    expect(fieldsOf(reply)).toEqual(vector('scan-reply-declined.md5.xml'))
  })

  it('has at most 128 characters for the payer, none of them cut in two, and is XML whatever they are', () => {
    expect(fieldsOf(gate().replies.declined('书'.repeat(129)))['err_code_des']).toBe('书'.repeat(128))
    expect(fieldsOf(gate().replies.declined(`${'书'.repeat(127)}😀`))['err_code_des']).toBe(`${'书'.repeat(127)} `)
    expect(fieldsOf(gate().replies.declined('a\u0000b\r\nc]]>\ud800'))['err_code_des']).toBe('a b  c]]> ')
  })

  it('to what is no scan is FAIL with a reason, not signed', () => {
    const reply = gate().replies.rejected('wrong-signature: 签名')
    expect(reply).toMatchObject({ status: 200, contentType: 'text/xml; charset=utf-8' })
    expect(fieldsOf(reply)).toEqual({ return_code: 'FAIL', return_msg: 'wrong-signature: ??' })
  })
})
