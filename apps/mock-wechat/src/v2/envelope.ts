import type { Call } from './gate.ts'
import type { Failed } from './refusal.ts'
import type { Fields } from './xml.ts'
import { base62, randomText } from '../support/random.ts'

/** WeChat writes amounts and counts without CDATA in its answers. */
export const bareInAnswers = (name: string): boolean => /_(fee|count)(_\d+){0,2}$/.test(name)

/** The outer level says yes, and so does the business level. */
export function succeeded(call: Call, fields: Fields): Fields {
  return new Map([...head(call), ['result_code', 'SUCCESS'], ...fields])
}

/** The outer level says yes, the business level no. */
export function failed(call: Call, { code, description }: Failed): Fields {
  return new Map([...head(call), ['result_code', 'FAIL'], ['err_code', code], ['err_code_des', description]])
}

/** No sign_type: real answers do not carry one; they are signed with the algorithm of the request. */
function head({ appid, merchant }: Call): [string, string][] {
  return [
    ['return_code', 'SUCCESS'],
    ['return_msg', 'OK'],
    ['appid', appid],
    ['mch_id', merchant.mchid],
    ['nonce_str', randomText(base62, 16)],
  ]
}

/** Outer refusals, and the one business failure that real servers send unsigned. */
export function unsignedAnswer(cause: { returnMsg: string } | Failed): Fields {
  if ('returnMsg' in cause) {
    return new Map([
      ['return_code', 'FAIL'],
      ['return_msg', cause.returnMsg],
    ])
  }
  return new Map([
    ['return_code', 'SUCCESS'],
    ['return_msg', 'OK'],
    ['result_code', 'FAIL'],
    ['err_code', cause.code],
    ['err_code_des', cause.description],
  ])
}
