import type { IncomingHttpHeaders } from 'node:http'
import { getCACertificates } from 'node:tls'
import { Agent } from 'undici'
import self from '../../package.json' with { type: 'json' }
import { WechatUnknownOutcomeError } from './errors.ts'

export interface SenderOptions {
  /** e.g. https://api.mch.weixin.qq.com; a path in front of WeChat's own is kept. */
  apiUrl: string
  /** Tried when a connection to apiUrl cannot be made. */
  apiBackupUrl?: string
  /** Each of the two connections; 3 s by default. */
  connectTimeoutMs?: number
  /** The whole call, fail-over included; 8 s by default. */
  timeoutMs?: number
  /** Of a streamed answer: until it begins, and between any two parts of it; 30 s by default. */
  silenceMs?: number
  /** Of the TLS connections; by default no certificate of ours, and the CAs that Node trusts. */
  tls?: TlsOptions
  /** Told the Date of every answer, whatever it says: Unix time in ms, whole seconds. Nobody has signed it. Must not throw. */
  onAnswerDate?: (wechatMs: number) => void
}

export interface TlsOptions {
  /** PEM: trusted beside the CAs that Node trusts. */
  ca?: string
  /** The client's certificate, shown to a server that asks for one. */
  certificate?: ClientCertificate
}

/** PEM texts, or PKCS#12 with its passphrase. */
export type ClientCertificate = { key: string; cert: string } | { pfx: Buffer; passphrase: string }

export interface Outgoing {
  method: 'GET' | 'POST'
  /** WeChat's own path and query, percent-encoded, e.g. /pay/unifiedorder; the path is also the name of the call in errors. */
  path: string
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  /** Sent in UTF-8, as it is. */
  body?: string
}

export interface Incoming {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Flowing {
  status: number
  headers: IncomingHttpHeaders
  body: AsyncIterable<Uint8Array>
}

export interface Sender {
  /** A new deadline, for one call or for several that have to share one. */
  deadline(): AbortSignal
  /** @throws {WechatUnknownOutcomeError} when no whole answer came before the deadline, for whatever reason */
  send(outgoing: Outgoing, deadline?: AbortSignal): Promise<Incoming>
  /**
   * For what is too large to be held: the body comes as it arrives, with limits of its own. Leaving it early ends the connection.
   *
   * @throws {WechatUnknownOutcomeError} as `send`; and while the body is read, when it breaks, is silent for too long or has no end
   */
  stream(outgoing: Outgoing): Promise<Flowing>
  /** Ends calls under way (their outcome is unknown) and closes the connections. */
  destroy(): Promise<void>
}

/** The largest answer that is read, in bytes: WeChat's are below 4 KiB. */
export const maxAnswerBytes = 65_536

/** The largest streamed answer, in bytes: a bill of 1,000,000 rows has about 300 MB. */
export const maxFlowBytes = 2 ** 31

// Bills are made ready before they are asked for: an answer that does not move for this long does not come.
const defaultSilenceMs = 30_000
// Not documented by WeChat. Its own SDK reads for 8 s; 3 s is one repeated SYN on a connection that loses a packet.
const defaultTimeoutMs = 8_000
const defaultConnectTimeoutMs = 3_000

/** WeChat may refuse requests that do not say what sends them. */
export const userAgent = `wxpay-checkout/${self.version}`

/** Speaks to WeChat over HTTP/1.1 connections that are kept. Redirects are not followed, a request is never sent a second time. */
export function createSender(options: SenderOptions): Sender {
  const origins = [options.apiUrl, options.apiBackupUrl].filter((url) => url !== undefined).map(baseOf)
  const connectTimeoutMs = duration('connectTimeoutMs', options.connectTimeoutMs ?? defaultConnectTimeoutMs)
  const timeoutMs = duration('timeoutMs', options.timeoutMs ?? defaultTimeoutMs)
  const silenceMs = duration('silenceMs', options.silenceMs ?? defaultSilenceMs)
  const { onAnswerDate } = options
  const agent = new Agent({ connect: { timeout: connectTimeoutMs, ...connectionOf(options.tls) }, allowH2: false, pipelining: 1 })

  async function open(base: Base, { method, path, headers, body }: Outgoing, limits: Limits) {
    const response = await agent.request({
      origin: base.origin,
      path: base.path + path,
      method,
      headers: { 'user-agent': userAgent, ...headers },
      body: body ?? null,
      ...limits,
    })
    const { date } = response.headers
    const answeredAt = typeof date === 'string' ? Date.parse(date) : Number.NaN
    if (!Number.isNaN(answeredAt)) onAnswerDate?.(answeredAt)
    return { status: response.statusCode, headers: response.headers, body: response.body }
  }

  async function ask(base: Base, outgoing: Outgoing, signal: AbortSignal): Promise<Incoming> {
    const { body, ...head } = await open(base, outgoing, { signal })
    return { ...head, body: await readLimited(body) }
  }

  const deadline = () => AbortSignal.timeout(timeoutMs)

  return {
    deadline,
    async send(outgoing, until = deadline()) {
      try {
        return await inTurn(origins, (base) => ask(base, outgoing, until))
      } catch (cause) {
        throw new WechatUnknownOutcomeError(withoutQuery(outgoing.path), cause)
      }
    },
    async stream(outgoing) {
      const call = withoutQuery(outgoing.path)
      try {
        const limits = { headersTimeout: silenceMs, bodyTimeout: silenceMs }
        const { body, ...head } = await inTurn(origins, (base) => open(base, outgoing, limits))
        return { ...head, body: flowing(call, body) }
      } catch (cause) {
        throw new WechatUnknownOutcomeError(call, cause)
      }
    },
    destroy: () => agent.destroy(),
  }
}

/** A CA given to Node's TLS takes the place of those that it trusts by itself: they are named, too. */
function connectionOf({ ca, certificate }: TlsOptions = {}) {
  return { ...certificate, ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }) }
}

/** The name of a call in errors. */
export function withoutQuery(path: string): string {
  return path.replace(/\?.*$/s, '')
}

/** The next address is tried only when the request surely was not sent to the one before. */
async function inTurn<T>(bases: readonly Base[], ask: (base: Base) => Promise<T>): Promise<T> {
  const causes: unknown[] = []
  for (const base of bases) {
    try {
      return await ask(base)
    } catch (cause) {
      if (!wasNotSent(cause)) throw cause
      causes.push(cause)
    }
  }
  throw causes.length === 1 ? causes[0] : new AggregateError(causes, 'no connection to any of the addresses')
}

/**
 * True when no connection was made: the name was not found, the connection refused or not made in time.
 * A reset is not among them: the request may have arrived.
 */
export function wasNotSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(wasNotSent) // one per address of the name
  if ('code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT') return true
  return 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo')
}

/** @throws {RangeError} */
export async function readLimited(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > maxAnswerBytes) throw new RangeError(`the answer has more than ${maxAnswerBytes} bytes`) // leaving the loop ends the connection
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

async function* flowing(call: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let length = 0
  try {
    for await (const chunk of body) {
      length += chunk.length
      if (length > maxFlowBytes) throw new RangeError(`the answer has more than ${maxFlowBytes} bytes`)
      yield chunk
    }
  } catch (cause) {
    throw new WechatUnknownOutcomeError(call, cause)
  }
}

/** The whole call, or the silences in it. */
type Limits = { signal: AbortSignal } | { headersTimeout: number; bodyTimeout: number }

interface Base {
  origin: string
  path: string
}

function baseOf(url: string): Base {
  const parsed = URL.parse(url)
  if (!parsed || !['https:', 'http:'].includes(parsed.protocol) || parsed.search !== '' || parsed.hash !== '' || parsed.username !== '') {
    throw new RangeError('apiUrl and apiBackupUrl must be http(s) addresses without user, query or fragment')
  }
  return { origin: parsed.origin, path: parsed.pathname.replace(/\/+$/, '') }
}

function duration(name: string, milliseconds: number): number {
  // 2 ** 31 - 1 ms is the longest that a timer takes
  if (!Number.isInteger(milliseconds) || milliseconds < 1 || milliseconds > 2 ** 31 - 1)
    throw new RangeError(`${name} must be a whole number of milliseconds`)
  return milliseconds
}
