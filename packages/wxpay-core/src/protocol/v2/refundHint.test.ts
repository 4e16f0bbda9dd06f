import { createCipheriv, createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { paidParts, signedMessage, unsignedMessage, type Parts } from '../../testing/message.ts'
import { readAccount } from '../account.ts'
import { NoticeRefusedError } from '../errors.ts'
import { maxNoticeBytes } from '../port.ts'
import { openRefundHint } from './refundHint.ts'
import { createReqInfoOpener } from './reqInfo.ts'

const account = readAccount(merchant)
const open = (raw: Buffer | string, key: string = merchant.key) =>
  openRefundHint({ account, openReqInfo: createReqInfoOpener(key) }, Buffer.from(raw))

const example = fixture('refund-notice.unsigned.xml')
const inner = fixture('refund-notice-inner.unsigned.xml').toString('utf8')

/** WeChat's side: independent of the opener above. */
function seal(text: string | Buffer, key: string = merchant.key): string {
  const cipher = createCipheriv('aes-256-ecb', createHash('md5').update(key).digest('hex'), null)
  return Buffer.concat([cipher.update(text), cipher.final()]).toString('base64')
}

const notice = (change: Parts = {}, text: string | Buffer = inner) =>
  unsignedMessage({
    return_code: 'SUCCESS',
    appid: merchant.appId,
    mch_id: merchant.mchId,
    nonce_str: 'n',
    req_info: seal(text),
    ...change,
  })

function refusalOf(work: () => unknown): NoticeRefusedError | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof NoticeRefusedError) return error
    throw error
  }
  return undefined
}

describe('R20 a notice of a refund over v2', () => {
  it('gives the numbers to ask WeChat by, and nothing of what else it says', () => {
    expect(open(example)).toEqual({
      protocol: 'v2',
      noticeId: createHash('sha256').update(example).digest('hex'),
      raw: example.toString('utf8'),
      outcome: 'refund-hint',
      outTradeNo: 'QH20260301000017',
      transactionId: '4200009042202603017754120386',
      outRefundNo: 'QHR20260302000003',
      refundId: '50300806422026030219046771253',
    })
  })

  it('opens with a hash of the key that begins with 0', () => {
    const key = Array.from({ length: 1000 }, (_, index) => String(index).padStart(32, 'k')).find((one) =>
      createHash('md5').update(one).digest('hex').startsWith('0'),
    )
    if (key === undefined) throw new Error('no such key among these')
    expect(open(notice({ req_info: seal(inner, key) }), key)).toMatchObject({ outcome: 'refund-hint' })
  })

  it('opens whatever return_msg says, and with fields that no page lists', () => {
    expect(open(notice({ return_msg: 'SUCCESS', more: '1' }))).toMatchObject({ outcome: 'refund-hint' })
  })

  const encrypted = Buffer.from(seal(inner), 'base64')
  const turned = (byte: number) => {
    const changed = Buffer.from(encrypted)
    changed.writeUInt8(changed.readUInt8(byte) ^ 1, byte)
    return changed.toString('base64')
  }
  const without = (name: string) => inner.replace(new RegExp(`<${name}>.*</${name}>\n`), '')

  it.each<[string, string, string]>([
    ['is no XML', '{}', 'malformed'],
    ['is larger than any notice', ' '.repeat(maxNoticeBytes + 1), 'too-large'],
    ['has a field twice', example.toString('utf8').replace('<nonce_str>', '<appid>a</appid><nonce_str>'), 'malformed'],
    ['has a DOCTYPE', `<!DOCTYPE xml [<!ENTITY a "b">]>${notice()}`, 'malformed'],
    ['reports no success', notice({ return_code: 'FAIL' }), 'not-successful'],
    ['names another merchant', notice({ mch_id: '1900006043' }), 'wrong-merchant'],
    ['names no merchant', notice({ mch_id: undefined }), 'wrong-merchant'],
    ['names another appid', notice({ appid: 'wx0000000000000000' }), 'wrong-merchant'],
    ['has nothing inside', notice({ req_info: undefined }), 'missing-field'],
    [
      'is the notice of a payment',
      signedMessage({ return_code: 'SUCCESS', appid: merchant.appId, mch_id: merchant.mchId, ...paidParts }),
      'missing-field',
    ],
    ['is not base64', notice({ req_info: `${seal(inner)} ` }), 'malformed'],
    ['is base64 for addresses', notice({ req_info: seal(inner).replace(/[+/]/g, '-') }), 'malformed'],
    ['has half a block', notice({ req_info: encrypted.subarray(0, -8).toString('base64') }), 'malformed'],
    ['is encrypted with another key', notice({ req_info: seal(inner, 'AnotherKeyNotReal00000000000wx42') }), 'undecryptable'],
    ['lacks its last block', notice({ req_info: encrypted.subarray(0, -16).toString('base64') }), 'undecryptable'],
    ['was changed in one bit', notice({ req_info: turned(40) }), 'malformed'],
    ['was changed in its padding', notice({ req_info: turned(encrypted.length - 1) }), 'undecryptable'],
    ['is not UTF-8 inside', notice({}, Buffer.concat([Buffer.from(inner), Buffer.from([0xff])])), 'malformed'],
    ['is no XML inside', notice({}, 'hello'), 'malformed'],
    ['has another root inside', notice({}, inner.replaceAll('root>', 'xml>')), 'malformed'],
    ['has a root of two kinds inside', notice({}, inner.replace('</root>', '</xml>')), 'malformed'],
    ['has an entity inside', notice({}, `<!DOCTYPE root [<!ENTITY a SYSTEM "file:///etc/passwd">]>${inner}`), 'malformed'],
    ['has a field twice inside', notice({}, inner.replace('<refund_fee>', '<refund_id>1</refund_id><refund_fee>')), 'malformed'],
    ['has elements in elements inside', notice({}, inner.replace('<root>', '<root><a><b>1</b></a>')), 'malformed'],
    ['has a number that is none', notice({}, inner.replace('QHR20260302000003', 'QHR 2026&')), 'malformed'],
    ['has a number that is too long', notice({}, inner.replace('QHR20260302000003', 'Q'.repeat(65))), 'malformed'],
    ...['out_refund_no', 'refund_id', 'out_trade_no', 'transaction_id'].map((name): [string, string, string] => [
      `has no ${name}`,
      notice({}, without(name)),
      'missing-field',
    ]),
  ])('is refused when it %s, and is nobody’s word', (_case, raw, reason) => {
    expect(refusalOf(() => open(raw))).toMatchObject({ reason, authentic: false })
  })
})
