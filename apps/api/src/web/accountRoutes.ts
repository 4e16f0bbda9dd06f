import type Router from '@koa/router'
import type { AccountCommands } from '../commands/accountCommands.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import type { Metrics } from '../support/metrics.ts'
import { authorisationRoutes } from './routes/authorisation.ts'
import { jsSdkRoutes } from './routes/jsSdk.ts'
import { messageRoutes } from './routes/messages.ts'
import { miniProgramRoutes } from './routes/miniProgram.ts'
import type { RequestState } from './state.ts'

export interface AccountRoutesDeps {
  config: Pick<Config, 'publicUrl' | 'trustedProxies'>
  accounts: AccountCommands
  clock: Clock
  metrics: Pick<Metrics, 'account'>
  logger: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** What WeChat's accounts need of us. WeChat's own addresses exist only where their settings do. */
export function accountRoutes({ config, accounts, clock, metrics, logger }: AccountRoutesDeps): Router<RequestState>[] {
  const { authorisation, messages, miniProgram, signPage } = accounts
  return [
    ...(authorisation ? [authorisationRoutes({ config, authorisation, metrics, logger })] : []),
    ...(messages ? [messageRoutes({ messages, clock, metrics, logger })] : []),
    miniProgramRoutes({ config, miniProgram, metrics }),
    jsSdkRoutes({ config, signPage }),
  ]
}
