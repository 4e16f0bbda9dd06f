import type { Protocol } from './options.ts'
import type { Fault } from './wechat.ts'

/** What the shop says to WeChat. https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_7, https://pay.weixin.qq.com/doc/v3/merchant/4012791861 */
export const replies: Record<Protocol, { acknowledged: number; refused: RegExp }> = {
  v2: { acknowledged: 200, refused: /^<xml>.*FAIL/s },
  v3: { acknowledged: 204, refused: /^\{"code":"FAIL","message":"[^"]+"\}$/ },
}

type Forgery = Omit<Fault, 'on'>

/** Every field of a notice of v2, and one that it does not have, as somebody changes it on the way who has no key. */
const fieldsOfV2: Record<string, string> = {
  return_code: 'FAIL',
  result_code: 'FAIL',
  appid: 'wx00000000deadbeef',
  mch_id: '1900000109',
  nonce_str: 'another',
  openid: 'somebody-else',
  is_subscribe: 'Y',
  trade_type: 'JSAPI',
  bank_type: 'ICBC_DEBIT',
  total_fee: '1',
  fee_type: 'USD',
  cash_fee: '1',
  transaction_id: '4200000000000000000000000000',
  out_trade_no: 'another',
  time_end: '20200101000000',
  sign: '0123456789ABCDEF0123456789ABCDEF',
  another_field: 'x',
}

/** The same for the envelope of v3. What is inside it is sealed: `resource.ciphertext` stands for every field of the trade. */
const fieldsOfV3: Record<string, string> = {
  id: 'another',
  create_time: '2020-01-01T00:00:00+08:00',
  resource_type: 'another',
  event_type: 'REFUND.SUCCESS',
  summary: 'x',
  'resource.original_type': 'refund',
  'resource.algorithm': 'AEAD_SM4_GCM',
  'resource.ciphertext': 'AAAA',
  'resource.associated_data': 'refund',
  'resource.nonce': 'another12345',
  another_field: 'x',
}

const headersOfV3 = ['Wechatpay-Timestamp', 'Wechatpay-Nonce', 'Wechatpay-Signature', 'Wechatpay-Serial']

const ofBoth: Forgery[] = [
  { kind: 'unsigned' },
  { kind: 'wrong-signature' },
  { kind: 'wrong-key' },
  { kind: 'truncated' },
  { kind: 'other-appid' },
  { kind: 'other-mchid' },
  { kind: 'oversized' },
  { kind: 'missing', field: 'out_trade_no' },
  { kind: 'missing', field: 'transaction_id' },
]

/** Kinds of the mock's faults that no receiver may take for a notice of a payment. Each strikes only where its protocol is spoken. */
export const forgeries: Record<Protocol, Forgery[]> = {
  v2: [
    ...Object.entries(fieldsOfV2).map(([field, value]) => ({ kind: 'forged', field, value })),
    ...ofBoth,
    { kind: 'other-sign-type' },
    { kind: 'doctype' },
    { kind: 'duplicate-field' },
    { kind: 'missing', field: 'total_fee' },
  ],
  v3: [
    ...Object.entries(fieldsOfV3).map(([field, value]) => ({ kind: 'forged', field: `envelope.${field}`, value })),
    ...headersOfV3.map((field) => ({ kind: 'missing-header', field })),
    ...ofBoth,
    { kind: 'missing', field: 'amount.total' },
    { kind: 'missing', field: 'envelope.id' },
    { kind: 'missing', field: 'envelope.resource' },
    { kind: 'altered', field: 'envelope.event_type', value: 'TRANSACTION.UNHEARD_OF' },
    { kind: 'unknown-serial' },
    { kind: 'signtest' },
    { kind: 'stale' },
    { kind: 'stale', ms: -301_000 },
    { kind: 'not-an-object' },
    { kind: 'corrupted' },
    { kind: 'wrong-aad' },
    { kind: 'truncated-base64' },
    { kind: 'other-algorithm' },
  ],
}
