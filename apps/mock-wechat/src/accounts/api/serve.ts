import type Router from '@koa/router'
import type { Context } from 'koa'
import getRawBody from 'raw-body'
import type { WechatSide } from '../wechatSide.ts'
import { ApiError, newRid } from './apiError.ts'

/** One call of the API. */
export interface ApiCall {
  query: URLSearchParams
  /** Empty for GET. */
  body: Buffer
  /** The caller's address, IPv4 in its short form. */
  ip: string
  /** Scheme and host of this mock, as the caller wrote them. */
  origin: string
}

export interface Endpoint {
  method: 'GET' | 'POST'
  path: string
  /** @throws {ApiError} */
  answer: (call: ApiCall, wechat: WechatSide) => object
}

const maxBodyBytes = 65_536

export function serveApi(router: Router, endpoints: readonly Endpoint[], wechat: WechatSide): void {
  for (const endpoint of endpoints) router.all(endpoint.path, (ctx) => serve(ctx, endpoint, wechat))
}

/** HTTP 200 whatever happens; the number in the body tells. */
async function serve(ctx: Context, endpoint: Endpoint, wechat: WechatSide): Promise<void> {
  try {
    if (ctx.method !== endpoint.method)
      throw new ApiError(endpoint.method === 'GET' ? 43001 : 43002, `${ctx.method} is not ${endpoint.method}`)
    sendAnswer(ctx, endpoint.answer(await readCall(ctx), wechat))
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause
    sendError(ctx, cause, wechat)
  }
}

export function sendError(ctx: Context, error: ApiError, { refusals, clock }: WechatSide): void {
  const { errcode, message, reason } = error
  refusals.add(ctx.path, `${errcode} ${message}`, reason)
  const separator = ctx.path.startsWith('/sns/') ? ', ' : ' ' // as in published answers
  sendAnswer(ctx, { errcode, errmsg: `${message}${separator}rid: ${newRid(clock.realNow())}` })
}

/** JSON, though /sns/ calls it text: so it is seen, and clients must cope. */
function sendAnswer(ctx: Context, answer: object): void {
  ctx.status = 200
  ctx.type = ctx.path.startsWith('/sns/') ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  ctx.body = JSON.stringify(answer)
}

async function readCall(ctx: Context): Promise<ApiCall> {
  const body = ctx.method === 'POST' ? await getRawBody(ctx.req, { limit: maxBodyBytes }) : Buffer.alloc(0)
  const ip = (ctx.req.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return { query: new URLSearchParams(ctx.querystring), body, ip, origin: `${ctx.protocol}://${ctx.host}` }
}
