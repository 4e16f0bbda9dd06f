import Router from '@koa/router'
import type { BillCommands } from '../commands/billCommands.ts'
import type { OperatorReads } from '../commands/operatorReads.ts'
import { billRoutes } from './routes/operator/bills.ts'
import { discrepancyRoutes } from './routes/operator/discrepancies.ts'
import { eventRoutes } from './routes/operator/events.ts'
import { orderRoutes } from './routes/operator/orders.ts'
import { refundRoutes, type RefundRoutesDeps } from './routes/operator/refunds.ts'
import type { AppMiddleware, RequestState } from './state.ts'

export interface OperatorRoutesDeps extends RefundRoutesDeps {
  bills: BillCommands
  reads: OperatorReads
  /** Who lets through: one for everything that is the operator's, so that a guess counts once wherever it is tried. */
  operators: AppMiddleware
}

/** Orders, refunds, events, bills and discrepancies. For the operator alone. */
export function operatorRoutes({ operators, ...deps }: OperatorRoutesDeps): Router<RequestState> {
  const router = new Router<RequestState>()
  router.use(operators)
  orderRoutes(router, deps)
  refundRoutes(router, deps)
  eventRoutes(router, deps)
  billRoutes(router, deps)
  discrepancyRoutes(router, deps)
  return router
}
