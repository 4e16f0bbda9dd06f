import { randomUUID } from 'node:crypto'
import type { ReadableStream } from 'node:stream/web'
import { z } from 'zod'
import { requestText, signText } from '../v3/sign.ts'
import type { Merchant } from './control.ts'
import { newNumber } from './shop.ts'

export interface JsonAnswer {
  status: number
  headers: Headers
  text: string
  /** The body as an object; empty when there is none. */
  body: Record<string, unknown>
}

export interface RequestChanges {
  /** Replaces what is sent, header by header; undefined leaves one out. */
  headers?: Record<string, string | undefined>
  /** Sent instead of what was signed. */
  sentBody?: string
  /** Seconds from now. */
  skewSeconds?: number
  serial?: string
  mchid?: string
  /** Gives up after so many milliseconds. */
  timeoutMs?: number
}

export type JsonShop = ReturnType<typeof createJsonShop>

const native = '/v3/pay/transactions/native'

/** A small merchant of protocol v3 for tests. It shares code with the mock, so it proves nothing about signatures: src/conformance does. */
export function createJsonShop({ url, merchant, notifyUrl }: { url: string; merchant: Merchant; notifyUrl: string }) {
  const { mchid } = merchant

  function authorization(method: string, path: string, body: string, changes: RequestChanges): string {
    const nonce = randomUUID().replaceAll('-', '')
    const timestamp = String(Math.floor(Date.now() / 1000) + (changes.skewSeconds ?? 0))
    const text = requestText({ method, url: path, timestamp, nonce, body: Buffer.from(body) })
    const signature = signText(text.toString('utf8'), merchant.merchantPrivateKey)
    const pairs = {
      mchid: changes.mchid ?? mchid,
      nonce_str: nonce,
      timestamp,
      serial_no: changes.serial ?? merchant.merchantSerial,
      signature,
    }
    const written = Object.entries(pairs).map(([name, value]) => `${name}="${value}"`)
    return `WECHATPAY2-SHA256-RSA2048 ${written.join(',')}`
  }

  async function exchange(method: string, path: string, body: string, changes: RequestChanges): Promise<Response> {
    const all: Record<string, string | undefined> = {
      Authorization: authorization(method, path, body, changes),
      Accept: 'application/json',
      'User-Agent': 'shop',
      ...(body !== '' && { 'Content-Type': 'application/json' }),
      ...changes.headers,
    }
    const headers = Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
    const payload = changes.sentBody ?? body
    const signal = AbortSignal.timeout(changes.timeoutMs ?? 20_000)
    return fetch(`${url}${path}`, { method, headers, signal, ...(payload !== '' && { body: payload }) })
  }

  async function send(method: string, path: string, body = '', changes: RequestChanges = {}): Promise<JsonAnswer> {
    const response = await exchange(method, path, body, changes)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: readObject(text) }
  }

  /** A file that may be no text. */
  async function fetchBytes(path: string, changes: RequestChanges = {}) {
    const response = await exchange('GET', path, '', changes)
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  }

  /** A file as it comes. */
  async function fetchStream(path: string): Promise<ReadableStream<Uint8Array>> {
    const { status, body } = await exchange('GET', path, '', { timeoutMs: 600_000 })
    if (status !== 200 || !body) throw new Error(`${path}: ${status}`)
    return body
  }

  const order = (more: Record<string, unknown> = {}) => ({
    appid: merchant.appids[0],
    mchid,
    description: '青禾书店-《海图》',
    out_trade_no: newNumber(),
    notify_url: notifyUrl,
    amount: { total: 4580, currency: 'CNY' },
    ...more,
  })

  return {
    mchid,
    send,
    fetchBytes,
    fetchStream,
    order,
    /** Another product than native: jsapi or h5. */
    start: (product: 'jsapi' | 'h5', more: Record<string, unknown> = {}) =>
      send('POST', `/v3/pay/transactions/${product}`, JSON.stringify(order(more))),
    create: (more: Record<string, unknown> = {}, changes?: RequestChanges) => send('POST', native, JSON.stringify(order(more)), changes),
    query: (outTradeNo: string) => send('GET', `/v3/pay/transactions/out-trade-no/${outTradeNo}?mchid=${mchid}`),
    queryId: (transactionId: string) => send('GET', `/v3/pay/transactions/id/${transactionId}?mchid=${mchid}`),
    close: (outTradeNo: string, body: unknown = { mchid }) =>
      send('POST', `/v3/pay/transactions/out-trade-no/${outTradeNo}/close`, JSON.stringify(body)),
    certificates: (changes?: RequestChanges) => send('GET', '/v3/certificates', '', changes),
  }
}

function readObject(text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
  } catch {
    return {}
  }
}
