import Koa from 'koa'
import type { Config } from '../config.ts'
import type { Logger } from '../support/logger.ts'
import type { Metrics } from '../support/metrics.ts'
import { type AccountRoutesDeps, accountRoutes } from './accountRoutes.ts'
import { accessLog } from './middleware/accessLog.ts'
import { apiHeaders } from './middleware/apiHeaders.ts'
import { errors } from './middleware/errors.ts'
import { intoAuthorisation } from './middleware/intoAuthorisation.ts'
import { notServed } from './middleware/notServed.ts'
import { operatorsOnly } from './middleware/operatorsOnly.ts'
import { operatorRoutes, type OperatorRoutesDeps } from './operatorRoutes.ts'
import { builtPages, pages } from './pages.ts'
import { createFindPayer } from './payer.ts'
import { type CheckoutRoutesDeps, checkoutRoutes } from './routes/checkouts.ts'
import { domainProofs } from './routes/domainProofs.ts'
import { type HealthRoutesDeps, healthRoutes } from './routes/health.ts'
import { type NoticeRoutesDeps, noticeRoutes } from './routes/notices.ts'
import { type ProductRoutesDeps, productRoutes } from './routes/products.ts'
import { refuseAbove } from './refuseAbove.ts'
import { scanRoute, type ScanRouteDeps } from './routes/scan.ts'
import { statusRoute, type StatusRouteDeps } from './routes/status.ts'
import type { RequestState } from './state.ts'

/** Held polls at which one process stops holding more: about 27 kB each. */
export const maxStatusWaiters = 15_000

/** Far above what a few cores can work on at once, far below what fills the memory. */
const defaultBudgets = {
  /** Requests that are worked on at the same time: all but those of status, notices, scans and health. */
  ordinary: 512,
  /** Held ones included. */
  status: maxStatusWaiters + 1000,
  notices: 256,
  unreadNotices: 1024,
}

export interface AppDeps
  extends
    Omit<CheckoutRoutesDeps, 'config' | 'commands' | 'accounts'>,
    Omit<StatusRouteDeps, 'maxInFlight'>,
    HealthRoutesDeps,
    Omit<NoticeRoutesDeps, 'maxInFlight' | 'maxUnread'>,
    Pick<AccountRoutesDeps, 'accounts'>,
    Pick<ProductRoutesDeps, 'products'>,
    Pick<OperatorRoutesDeps, 'reads' | 'bills'>,
    Pick<ScanRouteDeps, 'scans'> {
  config: CheckoutRoutesDeps['config'] & Pick<Config, 'publicUrl' | 'accounts' | 'operatorToken'>
  commands: CheckoutRoutesDeps['commands'] & NoticeRoutesDeps['commands']
  metrics: Metrics
  logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>
  /** Where the built pages lie; apps/checkout/dist when left out. */
  pagesDirectory?: string
  budgets?: Partial<typeof defaultBudgets>
}

/** The whole way of a request, from top to bottom. */
export function createApp(deps: AppDeps): Koa<RequestState> {
  const { config, clock, logger, metrics, pagesDirectory = builtPages } = deps
  const https = config.publicUrl.startsWith('https:')
  const budgets = { ...defaultBudgets, ...deps.budgets }
  const status = statusRoute({ ...deps, maxInFlight: budgets.status })
  const health = healthRoutes(deps)
  const checkouts = checkoutRoutes(deps)
  const aroundAccounts = accountRoutes(deps)
  const operators = operatorsOnly(deps)
  const products = productRoutes({ ...deps, operators })
  const forOperators = operatorRoutes({ ...deps, operators })
  const findPayer = createFindPayer(deps.accounts)

  const app = new Koa<RequestState>()
  app.use(accessLog({ logger, metrics }))
  app.use(errors({ clock, logger }))
  app.use(apiHeaders({ https }))
  app.use(status.routes())
  app.use(noticeRoutes({ ...deps, maxInFlight: budgets.notices, maxUnread: budgets.unreadNotices }))
  app.use(scanRoute(deps))
  app.use(health.routes()) // a process that is busy lives
  const withinBudget = refuseAbove(budgets.ordinary)
  app.use((_ctx, next) => withinBudget(next))
  app.use(checkouts.routes())
  for (const router of aroundAccounts) app.use(router.routes())
  app.use(products.routes())
  app.use(forOperators.routes())
  app.use(domainProofs(config.accounts.domainProofs))
  if (deps.accounts.authorisation) app.use(intoAuthorisation({ findPayer }))
  app.use(pages(pagesDirectory))
  app.use(notServed([status, health, checkouts, products, forOperators, ...aroundAccounts]))
  // What reaches Koa itself is a connection that broke while the answer was written: nobody is left to tell.
  app.on('error', (error: unknown) => logger.debug({ err: error }, 'the answer could not be written'))
  return app
}
