import { z } from 'zod'
import type { AccountKeys } from '../config/readWechatAccounts.ts'

/** WeChat has answered: no. `errcode` is a number of its table of return codes. */
export class AccountApiError extends Error {
  override readonly name = 'AccountApiError'
  readonly errcode: number

  constructor(call: string, errcode: number, errmsg: string) {
    super(`${call}: ${errcode} ${errmsg}`)
    this.errcode = errcode
  }
}

/** No answer that helps. Whether WeChat did what it was asked for is not known. */
export class AccountApiUnreachableError extends Error {
  override readonly name = 'AccountApiUnreachableError'

  constructor(call: string, cause: unknown) {
    super(`${call}: no answer that helps`, { cause })
  }
}

export interface AccountCall {
  /** WeChat's path, without its query. */
  call: string
  outcome: 'done' | 'refused' | 'unknown'
  durationMs: number
  error?: AccountApiError | AccountApiUnreachableError
}

export interface AccountApiOptions {
  apiUrl: string
  /** The whole call; 4 s by default. */
  timeoutMs?: number
  onCall?: (made: AccountCall) => void
}

/** A token or ticket and how long it is good for. */
export interface Credential {
  value: string
  expiresInSeconds: number
}

export interface AccountApi {
  /** @see https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html */
  exchangeCode(keys: AccountKeys, code: string): Promise<{ openId: string; isSnapshot: boolean }>
  /** The session_key of the answer is not read: whoever had it could speak for the user. @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html */
  openLogin(keys: AccountKeys, code: string): Promise<{ openId: string }>
  /** @see https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html */
  stableToken(keys: AccountKeys): Promise<Credential>
  /** @see https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html appendix 1 */
  jsapiTicket(accessToken: string): Promise<Credential>
}

/** WeChat drops who answers its own messages after 5 s; a browser waits for this one too. */
const defaultTimeoutMs = 4_000

/** Answers have a few hundred bytes. */
const maxAnswerBytes = 65_536

/** Its failures are answers with HTTP 200 and an errcode; success has often none (Global_Return_Code). */
const Failure = z.object({ errcode: z.int().refine((code) => code !== 0), errmsg: z.string().default('') })
const OpenId = z.string().regex(/^[\w-]{1,128}$/)
const WebToken = z.object({ openid: OpenId, is_snapshotuser: z.int().optional() })
const Login = z.object({ openid: OpenId })
const Token = z.object({ access_token: z.string().min(1).max(2048), expires_in: z.int().positive() })
const Ticket = z.object({ ticket: z.string().min(1).max(2048), expires_in: z.int().positive() })

/** Busy on WeChat's side: as good as no answer. */
const busy = -1

/** @throws of every call: AccountApiError, AccountApiUnreachableError. Neither has a secret, a code or an openid in it. */
export function createAccountApi({ apiUrl, timeoutMs = defaultTimeoutMs, onCall }: AccountApiOptions): AccountApi {
  async function ask<T>(path: string, sent: { query?: Record<string, string>; json?: object }, answer: z.ZodType<T>): Promise<T> {
    const startedAt = performance.now()
    const tell = (rest: Pick<AccountCall, 'outcome' | 'error'>) =>
      onCall?.({ call: path, durationMs: performance.now() - startedAt, ...rest })
    try {
      const value = await exchange(path, sent, answer)
      tell({ outcome: 'done' })
      return value
    } catch (cause) {
      const error = cause instanceof AccountApiError ? cause : new AccountApiUnreachableError(path, cause)
      tell({ outcome: error instanceof AccountApiError ? 'refused' : 'unknown', error })
      throw error
    }
  }

  async function exchange<T>(
    path: string,
    { query, json }: { query?: Record<string, string>; json?: object },
    answer: z.ZodType<T>,
  ): Promise<T> {
    const response = await fetch(`${apiUrl}${path}${query ? `?${new URLSearchParams(query).toString()}` : ''}`, {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
      ...(json && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(json) }),
    })
    if (response.status !== 200) throw new Error(`HTTP status ${response.status}`)
    const body = await readJson(response)
    const failure = Failure.safeParse(body)
    if (failure.success && failure.data.errcode !== busy)
      throw new AccountApiError(path, failure.data.errcode, shortened(failure.data.errmsg))
    const read = answer.safeParse(body)
    // The names of what is wrong, never the answer: it may hold a session_key.
    if (!read.success) throw new Error(`an answer without ${read.error.issues.map((issue) => issue.path.join('.')).join(', ')}`)
    return read.data
  }

  return {
    async exchangeCode({ appId, secret }, code) {
      const query = { appid: appId, secret, code, grant_type: 'authorization_code' }
      const answer = await ask('/sns/oauth2/access_token', { query }, WebToken)
      return { openId: answer.openid, isSnapshot: answer.is_snapshotuser === 1 }
    },
    async openLogin({ appId, secret }, code) {
      const query = { appid: appId, secret, js_code: code, grant_type: 'authorization_code' }
      return { openId: (await ask('/sns/jscode2session', { query }, Login)).openid }
    },
    async stableToken({ appId, secret }) {
      const json = { grant_type: 'client_credential', appid: appId, secret, force_refresh: false }
      const answer = await ask('/cgi-bin/stable_token', { json }, Token)
      return { value: answer.access_token, expiresInSeconds: answer.expires_in }
    },
    async jsapiTicket(accessToken) {
      const answer = await ask('/cgi-bin/ticket/getticket', { query: { access_token: accessToken, type: 'jsapi' } }, Ticket)
      return { value: answer.ticket, expiresInSeconds: answer.expires_in }
    },
  }
}

/** JSON whatever its type says: /sns/ calls it text. */
async function readJson(response: Response): Promise<unknown> {
  const text = await readText(response.body)
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('an answer that is not JSON') // the parser's own words quote the answer
  }
}

async function readText(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > maxAnswerBytes) throw new Error(`an answer of more than ${maxAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** WeChat's words: they name an address that is not in its list, and the number that its support asks for. */
function shortened(errmsg: string): string {
  return errmsg.replace(/[^\x20-\x7e\u4e00-\u9fff]/g, ' ').slice(0, 200)
}
