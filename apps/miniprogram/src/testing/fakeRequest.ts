import type { Phone } from './phone.ts'

interface RequestOptions {
  url: string
  method?: string
  data?: unknown
  header?: Record<string, string>
  timeout?: number
  dataType?: string
  success?(result: { errMsg: string; statusCode: number; data: unknown; header: Record<string, string>; cookies: string[] }): void
  fail?(error: { errMsg: string; errno: number }): void
  complete?(result: { errMsg: string }): void
}

/** WeChat's own default, in milliseconds. */
const defaultTimeoutMs = 60_000
const maxConcurrent = 10
const disconnected = 'errcode:-106 cronet_error_code:-106 error_msg:net::ERR_INTERNET_DISCONNECTED'

/**
 * wx.request: any HTTP status is a success; only no answer is a failure. JSON by default in both directions, and what is no JSON is handed
 * on as text; header names come as the phone's kind writes them.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/api/network/request/wx.request.html
 */
export function fakeRequest(phone: Phone, life: { alive: boolean }) {
  const running = new Set<AbortController>()
  phone.onNetwork((isConnected) => {
    if (!isConnected) for (const controller of running) controller.abort(disconnected)
  })

  function request(options: RequestOptions): { abort(): void } {
    const controller = new AbortController()
    running.add(controller)
    const timer = setTimeout(() => controller.abort('timeout'), options.timeout ?? defaultTimeoutMs)
    void send(options, controller.signal).then((result) => {
      clearTimeout(timer)
      running.delete(controller)
      if (!life.alive) return
      if ('errno' in result) options.fail?.(result)
      else options.success?.(result)
      options.complete?.(result)
    })
    return { abort: () => controller.abort('abort') }
  }

  async function send(options: RequestOptions, signal: AbortSignal) {
    const failed = (reason: string) => ({ errMsg: `request:fail ${reason}`, errno: 600_001 })
    const asked = `${options.method ?? 'GET'} ${new URL(options.url).pathname}`
    phone.requests.push(asked)
    phone.onRequest(asked)
    if (!phone.domains.includes(new URL(options.url).origin)) return failed('url not in domain list')
    if (running.size > maxConcurrent) return failed('exceed max task count')
    if (!phone.isConnected()) return failed(disconnected)
    try {
      const response = await fetch(options.url, { ...asFetch(options, phone), signal })
      const text = await response.text()
      const header = Object.fromEntries(Array.from(response.headers, ([name, value]) => [phone.headerName(name), value]))
      return { errMsg: 'request:ok', statusCode: response.status, data: parsed(text, options.dataType), header, cookies: [] }
    } catch (cause) {
      const reason: unknown = signal.reason
      if (typeof reason === 'string') return failed(reason)
      return failed(`errcode:-102 cronet_error_code:-102 error_msg:net::ERR_CONNECTION_REFUSED (${String(cause)})`)
    }
  }

  return request
}

function asFetch({ method = 'GET', data, header }: RequestOptions, phone: Phone): RequestInit {
  const headers = new Headers({ 'content-type': 'application/json', ...header, 'user-agent': phone.userAgent })
  const authorization = headers.get('authorization')
  if (authorization !== null) headers.set('authorization', phone.authorization(authorization))
  if (headers.has('referer')) throw new Error('wx.request: the referer cannot be set')
  if (method === 'GET' && data !== undefined) throw new Error('this program puts nothing into the query by data')
  return { method, headers, ...(data !== undefined && { body: typeof data === 'string' ? data : JSON.stringify(data) }) }
}

function parsed(text: string, dataType = 'json'): unknown {
  if (dataType !== 'json') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
