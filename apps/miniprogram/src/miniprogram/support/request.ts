/** An answer with any status: to wx.request a 404 is a success. */
export interface HttpAnswer {
  statusCode: number
  data: unknown
  /** Lower-case names: phones differ in how they hand headers on. */
  headers: Record<string, string>
}

export interface HttpRequest {
  url: string
  method: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: Record<string, unknown>
  timeoutMs: number
  /** Is handed what ends the request early; it then counts as not answered. */
  onStart?(abort: () => void): void
}

/** @returns null when no answer came */
export function request({ url, method, headers, body, timeoutMs, onStart }: HttpRequest): Promise<HttpAnswer | null> {
  return new Promise((resolve) => {
    const task = wx.request({
      url,
      method,
      timeout: timeoutMs,
      header: { accept: 'application/json', ...headers },
      ...(body && { data: body }),
      success: ({ statusCode, data, header }) => resolve({ statusCode, data, headers: lowerCase(header) }),
      fail: () => resolve(null),
    })
    onStart?.(() => task.abort())
  })
}

function lowerCase(header: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), String(value)]))
}
