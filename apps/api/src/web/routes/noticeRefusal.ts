import type { IncomingHttpHeaders } from 'node:http'
import { NoticeRefusedError, type NoticeRefusal } from 'wxpay-core/protocol'
import { CallerGoneError, RequestError, SlowBodyError } from '../requestErrors.ts'

export interface RefusedNotice {
  /** One word. */
  reason: string
  /** WeChat has signed it. */
  authentic: boolean
  /** Names of fields, no values. */
  detail: string
  /** What an operator can look at, when it may be a setting's fault and not the sender's. */
  lookAt: string | undefined
}

/** Why a notice was not taken, when the notice is at fault; null when we are. */
export function refusalOf(error: unknown): RefusedNotice | null {
  if (error instanceof NoticeRefusedError) {
    return { reason: error.reason, authentic: error.authentic, detail: error.message, lookAt: whereToLook[error.reason] }
  }
  const reason = unreadableBecause(error)
  return reason === null ? null : { reason, authentic: false, detail: reason, lookAt: undefined }
}

function unreadableBecause(error: unknown): string | null {
  if (error instanceof SlowBodyError) return 'too-slow'
  if (error instanceof RequestError) return error.code === 'body_too_large' ? 'too-large' : 'unreadable'
  return error instanceof CallerGoneError ? 'cut-off' : null
}

const whereToLook: Partial<Record<NoticeRefusal, string>> = {
  stale: 'the clock of this machine; or somebody has sent an old notice again',
  'unknown-key':
    'the serial: if the merchant platform shows it as the id of WeChat’s public key, WXPAY_PUBLIC_KEY_ID and WXPAY_PUBLIC_KEY are not that key; otherwise it is forged',
  undecryptable: 'WXPAY_V3_KEY: WeChat encrypts with the APIv3 key that the merchant platform has now',
}

/** What the sender says of itself, for the log: which key, and which delivery. Nothing that is not short and plain. */
export function senderOf(headers: IncomingHttpHeaders): { serial: string | undefined; wechatRequestId: string | undefined } {
  return { serial: plain(headers['wechatpay-serial']), wechatRequestId: plain(headers['request-id']) }
}

/** WeChat's serials have 40 characters, ids of its public keys about 35, its Request-IDs about 40. */
function plain(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w-]{1,80}$/.test(header) ? header : undefined
}
