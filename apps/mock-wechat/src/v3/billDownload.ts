import type { Download } from '../bills/downloads.ts'
import type { Struck } from '../faults/faults.ts'
import type { Backend } from './backend.ts'
import { checkFields, text, type Rules } from './fields.ts'
import type { Call } from './gate.ts'
import { internalCodes, Refused } from './refusal.ts'

const rules: Rules = { token: text('下载令牌', 1024, { min: 1, required: true }), tartype: text('压缩类型', 16) }

/** The bill behind a token. @throws {Refused} 400 for a token that is none or too old, 403 for one of another merchant */
export function billOf({ merchant, query }: Call, { downloads }: Backend, struck: readonly Struck[]): Download {
  checkFields(Object.fromEntries(query), rules, 'query')
  const download = downloads.find(query.get('token') ?? '')
  if (!download || struck.some(({ kind }) => kind === 'expired-token')) throw tooOld()
  if (download.mchid !== merchant.mchid) throw notYours()
  return download
}

/** Codes as in WeChat's tables; the texts are ours. */
const tooOld = () =>
  new Refused({
    status: 400,
    code: 'INVALID_REQUEST',
    message: '下载链接已失效，请重新申请账单',
    reason: 'the token is unknown, or older than five minutes on the virtual clock; a restart forgets them',
  })

const notYours = () =>
  new Refused({
    status: 403,
    code: 'NO_AUTH',
    message: '无权下载该账单',
    reason: 'another merchant asked for this bill',
    internal: internalCodes.otherMerchant,
  })
