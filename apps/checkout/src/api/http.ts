import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios'
import { ApiError } from './ApiError.ts'
import { readError } from './readAnswer.ts'

/** Longer than the server's own patience with WeChat, after which it answers "preparing". */
const answerWithinMs = 20_000

const http = axios.create({ timeout: answerWithinMs, headers: { Accept: 'application/json' }, validateStatus: () => true })

/** @throws {ApiError} for every answer that is not a 2xx, and when none came */
export async function ask(request: AxiosRequestConfig): Promise<unknown> {
  const response = await send(request)
  if (response.status >= 200 && response.status < 300) return response.data
  const error = readError(response.data)
  throw new ApiError({
    status: response.status,
    code: error?.code ?? 'unreadable_answer',
    requestId: error?.requestId ?? null,
    retryAfterMs: readRetryAfter(response),
    view: error?.view ?? null,
  })
}

async function send(request: AxiosRequestConfig): Promise<AxiosResponse<unknown>> {
  try {
    return await http.request<unknown>(request)
  } catch (cause) {
    throw new ApiError({ status: null, code: 'no_answer', requestId: null, retryAfterMs: null, view: null }, cause)
  }
}

/** Our server sends whole seconds. */
function readRetryAfter(response: AxiosResponse<unknown>): number | null {
  const seconds: unknown = response.headers['retry-after']
  return typeof seconds === 'string' && /^\d{1,5}$/.test(seconds) ? Number(seconds) * 1000 : null
}
