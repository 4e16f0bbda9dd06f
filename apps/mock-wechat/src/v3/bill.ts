import type { BillType, NoBill } from '../bills/bills.ts'
import { readDay } from '../bills/day.ts'
import type { Struck } from '../faults/faults.ts'
import type { Backend } from './backend.ts'
import { checkFields, text, type Rule, type Rules } from './fields.ts'
import type { Call } from './gate.ts'
import { internalCodes, Refused } from './refusal.ts'

const tradeTypes: Record<string, BillType> = {
  ALL: 'ALL',
  SUCCESS: 'SUCCESS',
  REFUND: 'REFUND',
  RECHARGE_REFUND: 'other',
  ALL_SPECIAL: 'other',
  SUC_SPECIAL: 'other',
  REF_SPECIAL: 'other',
}
const accounts: Record<string, BillType> = { BASIC: 'FUND-FLOW', OPERATION: 'other', FEES: 'other' }

const oneOf = (label: string, values: readonly string[]): Rule => ({ type: 'string', label, max: 32, oneOf: values })
const shared: Rules = {
  bill_date: text('账单日期', 10, { shape: /^\d{4}-\d{2}-\d{2}$/, required: true }),
  tar_type: oneOf('压缩类型', ['GZIP']),
}
const tradeRules: Rules = { ...shared, bill_type: oneOf('账单类型', Object.keys(tradeTypes)) }
const fundRules: Rules = { ...shared, account_type: oneOf('资金账户类型', Object.keys(accounts)) }

/** @see https://pay.weixin.qq.com/doc/v3/merchant/4012791907 @throws {Refused} */
export function tradebill(call: Call, backend: Backend, struck: readonly Struck[]) {
  checkFields(Object.fromEntries(call.query), tradeRules, 'query')
  return offer(call, backend, struck, tradeTypes[call.query.get('bill_type') ?? 'ALL'])
}

/** @see https://pay.weixin.qq.com/doc/v3/merchant/4012791908 @throws {Refused} */
export function fundflowbill(call: Call, backend: Backend, struck: readonly Struck[]) {
  checkFields(Object.fromEntries(call.query), fundRules, 'query')
  return offer(call, backend, struck, accounts[call.query.get('account_type') ?? 'BASIC'])
}

/** Where the bill lies, and the hash of its plain bytes. What it says is settled now: payments that come later are not in it. */
async function offer({ merchant, query, origin }: Call, backend: Backend, struck: readonly Struck[], type: BillType = 'other') {
  const day = readDay(query.get('bill_date') ?? '')
  const bill = day ? backend.bills.find({ merchant, day, type, protocol: 'v3' }, struck) : 'bad-date'
  if (typeof bill === 'string') throw refusals[bill]()
  const gzip = query.get('tar_type') === 'GZIP'
  const hash = await bill.hash()
  const token = backend.downloads.offer({ mchid: merchant.mchid, bill, gzip })
  return {
    hash_type: 'SHA1',
    hash_value: struck.some(({ kind }) => kind === 'bad-hash') ? otherHash(hash) : hash,
    download_url: `${backend.switches.downloadUrl ?? origin}/v3/billdownload/file?token=${token}${gzip ? '&tartype=gzip' : ''}`,
  }
}

const otherHash = (hash: string) => (hash.startsWith('0') ? '1' : '0') + hash.slice(1)

/** Codes as in WeChat's tables; the texts are ours. */
const refusals: Record<NoBill, () => Refused> = {
  'bad-date': () =>
    new Refused({
      status: 400,
      code: 'INVALID_REQUEST',
      message: '账单日期不在可下载的范围内',
      reason: 'bill_date is no day of the last three months before today, on the virtual clock',
      internal: internalCodes.illegalParameter,
    }),
  creating: () =>
    new Refused({
      status: 400,
      code: 'STATEMENT_CREATING',
      message: '账单生成中',
      reason: 'the bill of yesterday is ready at nine in Beijing, on the virtual clock',
    }),
  none: () =>
    new Refused({ status: 400, code: 'NO_STATEMENT_EXIST', message: '请求的账单文件不存在', reason: 'nothing happened on that day' }),
}
