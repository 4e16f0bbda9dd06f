import type { Context, Middleware } from 'koa'
import getRawBody from 'raw-body'
import { ControlProblem } from './problem.ts'

const loopbackAddress = /^(127(\.\d+){3}|::1|::ffff:127(\.\d+){3})$/
const loopbackHost = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/

/**
 * Only this machine may play the payer and see the keys. A web page elsewhere could point a name of its own at 127.0.0.1
 * (so the Host header is looked at), or post a form to it (so a browser must say that the page is ours).
 */
export const loopbackOnly: Middleware = async (ctx, next) => {
  const local = loopbackAddress.test(ctx.req.socket.remoteAddress ?? '') && loopbackHost.test(ctx.host)
  const foreignPage = !['', 'same-origin', 'none'].includes(ctx.get('sec-fetch-site'))
  if (!local || foreignPage)
    throw new ControlProblem(403, 'loopback_only', 'the control side answers this machine only, by a loopback address')
  await next()
}

/** As above, but a page on another port of this machine may ask: what WeChat's client asks for the page that it shows. */
export const loopbackPages: Middleware = async (ctx, next) => {
  const origin = ctx.get('origin')
  const local = loopbackAddress.test(ctx.req.socket.remoteAddress ?? '') && loopbackHost.test(ctx.host)
  if (!local || (origin !== '' && !loopbackHost.test(URL.parse(origin)?.host ?? '')))
    throw new ControlProblem(403, 'loopback_only', 'the bridge answers pages of this machine only, by a loopback address')
  if (origin !== '') {
    ctx.vary('Origin')
    ctx.set({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Headers': 'content-type',
      'Access-Control-Allow-Methods': 'POST',
    })
  }
  await next()
}

export async function readJson(ctx: Context): Promise<unknown> {
  const raw = await getRawBody(ctx.req, { limit: 65_536, encoding: 'utf8' })
  if (raw === '') return {}
  if (!ctx.is('application/json')) throw new ControlProblem(415, 'not_json', 'send application/json')
  try {
    return JSON.parse(raw)
  } catch {
    throw new ControlProblem(400, 'invalid', 'the body is not JSON')
  }
}
