import type { ParameterizedContext } from 'koa'
import type { PayerId } from '../domain/means.ts'

/** What the middlewares of one request tell each other. */
export interface RequestState {
  requestId: string
  /** For requests that the router does not serve. */
  route: string
  /** The request was held on purpose: its time says nothing about us. */
  held: boolean
  /** Who is looking at an order, where that makes a difference: WeChat has told us. */
  viewer?: PayerId | null
}

export type AppContext = ParameterizedContext<RequestState>
export type AppMiddleware = (ctx: AppContext, next: () => Promise<void>) => Promise<void> | void

/** The pattern of the route, for logs and metrics: the address itself may hold a token. */
export function routeOf(ctx: AppContext): string {
  const matched: unknown = ctx['_matchedRoute'] // set by @koa/router before the handler runs
  return typeof matched === 'string' ? matched : ctx.state.route
}
