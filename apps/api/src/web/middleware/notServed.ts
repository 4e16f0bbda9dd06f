import type Router from '@koa/router'
import { pageAt } from '../pageAddresses.ts'
import { RequestError } from '../requestErrors.ts'
import type { AppMiddleware, RequestState } from '../state.ts'

/** Pages and their files: they are read, never written to. */
const pageMethods = ['GET', 'HEAD']

/** Last: 405 with what is allowed where the address exists, else 404. */
export function notServed(routers: readonly Router<RequestState>[]): AppMiddleware {
  return (ctx) => {
    const methods = new Set(routers.flatMap((router) => router.match(ctx.path, ctx.method).path).flatMap((layer) => layer.methods))
    if (methods.size === 0 && pageAt(ctx.path) === null) throw new RequestError('not_found')
    const allowed = methods.size > 0 ? [...methods] : pageMethods
    if (allowed.includes(ctx.method)) throw new RequestError('not_found')
    throw new RequestError('method_not_allowed', { headers: { Allow: allowed.toSorted().join(', ') } })
  }
}
