import type { NoBill } from '../bills/bills.ts'
import type { OrderedCode } from '../faults/endings.ts'
import { Failed, type Refused } from './refusal.ts'

type Fields = readonly (readonly [string, string])[]

/** How an interface of bills says no: XML without a signature. */
export interface BillAnswers {
  no: Record<NoBill | 'bad-type', Fields>
  /** What every interface refuses: signature, parameters. */
  refused: (cause: Refused | Failed) => Fields
  ordered: (code: OrderedCode) => Fields
}

/** `error_code`, and not `err_code`; some have none. */
const fail = (returnMsg: string, errorCode?: string): Fields => [
  ['return_code', 'FAIL'],
  ['return_msg', returnMsg],
  ...(errorCode === undefined ? [] : [['error_code', errorCode] as const]),
]

const badParameter = '20001'
const texts: Record<string, string> = { 签名错误: 'sign error', 缺少参数: 'missing parameter' }

/** Texts and numbers: 下载交易账单, and answers that merchants have published; where no number is known there is none here. */
export const tradeBillAnswers: BillAnswers = {
  no: {
    'bad-date': fail('invalid bill_date', badParameter),
    'bad-type': fail('invalid bill_type', badParameter),
    creating: fail('Bill Creating'),
    none: fail('No Bill Exist', '20002'),
  },
  refused(cause) {
    if (cause instanceof Failed) return fail('data format error', badParameter)
    const text = texts[cause.returnMsg]
    return text === undefined ? fail(cause.returnMsg) : fail(text, badParameter)
  },
  ordered: (code) => fail(code),
}

const failed = (code: string, description: string): Fields => [
  ['return_code', 'SUCCESS'],
  ['return_msg', 'OK'],
  ['result_code', 'FAIL'],
  ['err_code', code],
  ['err_code_des', description],
]

/** 下载资金账单; but for NO_BILL_EXIST the descriptions are ours. */
export const fundFlowAnswers: BillAnswers = {
  no: {
    'bad-date': failed('PARAM_ERROR', 'bill_date参数错误'),
    'bad-type': failed('PARAM_ERROR', 'account_type参数错误'),
    creating: failed('BILL_CREATING', '账单生成中'),
    none: failed('NO_BILL_EXIST', '账单不存在'),
  },
  refused: (cause) => (cause instanceof Failed ? failed(cause.code, cause.description) : fail(cause.returnMsg)),
  ordered: (code) => failed(code, code === 'SYSTEMERROR' ? '系统错误' : '频率限制'),
}
