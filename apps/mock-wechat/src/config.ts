import { z } from 'zod'

/** The only reader of the environment. Every switch is explained in README.md. */
const Env = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  MOCK_WECHAT_PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  MOCK_WECHAT_TLS_PORT: z.union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)]).optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  MOCK_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('warn'),
  MOCK_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  MOCK_MIN_EXPIRE_SECONDS: z.coerce.number().int().min(0).default(60),
  MOCK_CLOSE_AFTER_SECONDS: z.coerce.number().int().min(0).default(0),
  MOCK_EXPIRED_STATE: z.enum(['CLOSED', 'NOTPAY']).default('CLOSED'),
  MOCK_NOTIFY_HTTP: z.enum(['loopback', 'any', 'never']).default('loopback'),
  MOCK_PRODUCT_ID: z.enum(['required', 'optional']).default('required'),
  MOCK_NOTICE_SIGN_TYPE: z.enum(['absent', 'present']).default('absent'),
  MOCK_V3_EXPIRED_STATE: z.enum(['CLOSED', 'NOTPAY']).default('NOTPAY'),
  MOCK_V3_PAID_CODE: z.enum(['ORDERPAID', 'ORDER_PAID']).default('ORDERPAID'),
  MOCK_V3_NUMBER_IN_USE: z.enum(['INVALID_REQUEST', 'OUT_TRADE_NO_USED']).default('INVALID_REQUEST'),
  MOCK_V3_CLOSE_UNKNOWN: z.enum(['ORDER_NOT_EXIST', 'burns']).default('ORDER_NOT_EXIST'),
  MOCK_V3_NO_CERTIFICATES_STATUS: z.enum(['404', '403']).default('404'),
  MOCK_REFUND_SECONDS: z.coerce.number().int().min(0).default(5),
  MOCK_REFUND_BLOCK_SECONDS: z.coerce.number().int().min(0).default(60),
  MOCK_REFUND_TOO_SOON: z.enum(['FREQUENCY_LIMITED', 'INVALID_REQUEST']).default('FREQUENCY_LIMITED'),
  MOCK_REFUND_TOO_MANY: z.enum(['INVALID_REQUEST', 'FREQUENCY_LIMITED']).default('INVALID_REQUEST'),
  MOCK_V3_REFUND_MISMATCH: z.enum(['INVALID_REQUEST', 'REFUND_FEE_MISMATCH']).default('INVALID_REQUEST'),
  MOCK_V3_REFUND_OVERDUE: z.enum(['TRADE_OVERDUE', 'INVALID_REQUEST']).default('TRADE_OVERDUE'),
  MOCK_REFUND_STATE: z.enum(['accepted', 'success']).default('accepted'),
  MOCK_H5_REFERER: z.enum(['checked', 'any']).default('checked'),
  MOCK_H5_PAYER_IP: z.enum(['checked', 'any']).default('any'),
  MOCK_TRADE_TIMES: z.enum(['real', 'virtual']).default('real'),
  MOCK_DOWNLOAD_URL: z.url({ protocol: /^https?$/ }).optional(),
  MOCK_FEE_RATE: z
    .string()
    .regex(/^\d{1,2}(\.\d{1,2})?%$/)
    .default('0.60%'),
  MOCK_BILL_BOM: z.enum(['present', 'absent']).default('present'),
  MOCK_BILL_NEWLINE: z.enum(['crlf', 'lf']).default('crlf'),
})

/** Where WeChat's behaviour is undocumented or differs between its pages, the mock can be told which way to go. */
export interface Switches {
  /** Smallest distance of `time_expire` from now, in seconds. WeChat's current text: 1 minute; its older one: 5. */
  minExpireSeconds: number
  /** A trade younger than this cannot be closed. WeChat's v2 text says 5 minutes; what its servers do is not documented. */
  closeAfterSeconds: number
  /** What a query says about an unpaid trade after `time_expire`; WeChat does not document it for v2. */
  expiredState: 'CLOSED' | 'NOTPAY'
  /** Which plain-http or local addresses may be a `notify_url`. WeChat itself: `never`. */
  notifyHttp: 'loopback' | 'any' | 'never'
  /** WeChat's table says required for NATIVE; merchants report that it works without. */
  productId: 'required' | 'optional'
  /** Whether payment notices carry a `sign_type` element. Both are seen in the field. */
  noticeSignType: 'absent' | 'present'
  /** What a v3 query says about an unpaid trade after `time_expire`. WeChat's v3 page: it is the last moment to pay, not an automatic close. */
  v3ExpiredState: 'CLOSED' | 'NOTPAY'
  /** How v3 says that a number was paid already, on create and on close: in no current table; merchants match on the first. */
  paidCode: 'ORDERPAID' | 'ORDER_PAID'
  /** A number again with other parameters, v3: 400 INVALID_REQUEST is what merchants report, 403 OUT_TRADE_NO_USED what WeChat's table has. */
  numberInUse: 'INVALID_REQUEST' | 'OUT_TRADE_NO_USED'
  /** Closing a number that was never used, v3: true is the one report there is (204, and the number can never be used), false a plain 404. */
  closeUnknownBurns: boolean
  /** How GET /v3/certificates refuses a merchant who has the public key only: 404 in most reports, 403 in one. */
  noCertificatesStatus: 404 | 403
  /** How long a refund is PROCESSING, in virtual seconds. WeChat: minutes to a balance, days to a card. */
  refundSeconds: number
  /** For how long refund calls of a merchant are refused who has made too many bad ones. WeChat: "stop for 1 minute". */
  refundBlockSeconds: number
  /** How the minute between two refunds of one order is defended. The code is not documented. */
  refundTooSoon: 'FREQUENCY_LIMITED' | 'INVALID_REQUEST'
  /** How the 51st refund of an order is refused. The code is not documented. */
  refundTooMany: 'INVALID_REQUEST' | 'FREQUENCY_LIMITED'
  /** A refund number again with other parameters, v3: the second is v2's, and in WeChat's questions and answers. */
  refundMismatch: 'INVALID_REQUEST' | 'REFUND_FEE_MISMATCH'
  /** A refund after a year, v3: the first is in WeChat's questions and answers, without a status. */
  refundOverdue: 'TRADE_OVERDUE' | 'INVALID_REQUEST'
  /** When a trade's state becomes REFUND: with the first refund that is accepted, or that succeeds. Not documented. */
  refundState: 'accepted' | 'success'
  /** Whether an H5 address must be opened from a page of a registered domain, as at WeChat. */
  h5Referer: 'checked' | 'any'
  /** Whether the browser that opens an H5 address must have the payer's address of the create, as at WeChat. All loopback addresses are one. */
  h5PayerIp: 'checked' | 'any'
  /** Which clock the times of payments and refunds in answers, notices and bills follow. WeChat has one clock only. */
  tradeTimes: 'real' | 'virtual'
  /** Scheme and host of `download_url`; undefined: those by which the bill was asked for. */
  downloadUrl: string | undefined
  /** What WeChat keeps of every payment, in hundredths of a percent. */
  feeRate: number
  /** Whether a bill begins with a byte order mark: some do, WeChat's pages do not say. */
  billBom: 'present' | 'absent'
  /** How the lines of a bill end: both are seen. */
  billNewline: 'crlf' | 'lf'
}

export const defaultSwitches: Switches = {
  minExpireSeconds: 60,
  closeAfterSeconds: 0,
  expiredState: 'CLOSED',
  notifyHttp: 'loopback',
  productId: 'required',
  noticeSignType: 'absent',
  v3ExpiredState: 'NOTPAY',
  paidCode: 'ORDERPAID',
  numberInUse: 'INVALID_REQUEST',
  closeUnknownBurns: false,
  noCertificatesStatus: 404,
  refundSeconds: 5,
  refundBlockSeconds: 60,
  refundTooSoon: 'FREQUENCY_LIMITED',
  refundTooMany: 'INVALID_REQUEST',
  refundMismatch: 'INVALID_REQUEST',
  refundOverdue: 'TRADE_OVERDUE',
  refundState: 'accepted',
  h5Referer: 'checked',
  h5PayerIp: 'any',
  tradeTimes: 'real',
  downloadUrl: undefined,
  feeRate: 60,
  billBom: 'present',
  billNewline: 'crlf',
}

export interface Config {
  host: string
  port: number
  /** Where calls arrive that need a client certificate. Absent: nowhere. */
  tlsPort?: number | undefined
  dataDir: string
  /** Where a payer's browser reaches the mock, when that is not where it listens. */
  publicUrl?: string | undefined
  logLevel: string
  switches: Switches
}

/** What would do, without the value that does not. */
function wanted(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `must be ${issue.values.join(' or ')}`
  if (issue.code === 'invalid_format') return 'must be an http or https address'
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`
  return 'must be a whole number'
}

/** @throws {Error} that names every bad setting and what would do, never a value */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const parsed = Env.safeParse(env)
  if (!parsed.success)
    throw new Error(`bad settings:\n${parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${wanted(issue)}`).join('\n')}`)
  const set = parsed.data
  return {
    host: set.HOST,
    port: set.MOCK_WECHAT_PORT,
    tlsPort: tlsPort(set),
    dataDir: set.DATA_DIR,
    publicUrl: set.MOCK_PUBLIC_URL?.replace(/\/+$/, ''),
    logLevel: set.MOCK_LOG_LEVEL,
    switches: {
      minExpireSeconds: set.MOCK_MIN_EXPIRE_SECONDS,
      closeAfterSeconds: set.MOCK_CLOSE_AFTER_SECONDS,
      expiredState: set.MOCK_EXPIRED_STATE,
      notifyHttp: set.MOCK_NOTIFY_HTTP,
      productId: set.MOCK_PRODUCT_ID,
      noticeSignType: set.MOCK_NOTICE_SIGN_TYPE,
      v3ExpiredState: set.MOCK_V3_EXPIRED_STATE,
      paidCode: set.MOCK_V3_PAID_CODE,
      numberInUse: set.MOCK_V3_NUMBER_IN_USE,
      closeUnknownBurns: set.MOCK_V3_CLOSE_UNKNOWN === 'burns',
      refundSeconds: set.MOCK_REFUND_SECONDS,
      refundBlockSeconds: set.MOCK_REFUND_BLOCK_SECONDS,
      refundTooSoon: set.MOCK_REFUND_TOO_SOON,
      refundTooMany: set.MOCK_REFUND_TOO_MANY,
      refundMismatch: set.MOCK_V3_REFUND_MISMATCH,
      refundOverdue: set.MOCK_V3_REFUND_OVERDUE,
      refundState: set.MOCK_REFUND_STATE,
      h5Referer: set.MOCK_H5_REFERER,
      h5PayerIp: set.MOCK_H5_PAYER_IP,
      tradeTimes: set.MOCK_TRADE_TIMES,
      downloadUrl: set.MOCK_DOWNLOAD_URL?.replace(/\/+$/, ''),
      feeRate: Math.round(Number.parseFloat(set.MOCK_FEE_RATE) * 100),
      billBom: set.MOCK_BILL_BOM,
      billNewline: set.MOCK_BILL_NEWLINE,
      noCertificatesStatus: set.MOCK_V3_NO_CERTIFICATES_STATUS === '403' ? 403 : 404,
    },
  }
}

const [usualPort, usualTlsPort] = [3001, 3002]

/** A second copy, which listens elsewhere, takes any free port: the line on stdout and GET /_control/merchants tell it. */
function tlsPort({ MOCK_WECHAT_TLS_PORT: given, MOCK_WECHAT_PORT: port }: z.output<typeof Env>): number | undefined {
  if (given === 'off') return undefined
  return given ?? (port === usualPort ? usualTlsPort : 0)
}
