import { errorTable } from 'wxpay-core/contract'
import type { Clock } from '../../support/clock.ts'
import type { Logger } from '../../support/logger.ts'
import { answerToError, errorBody } from '../errorAnswers.ts'
import { CallerGoneError } from '../requestErrors.ts'
import { routeOf, type AppMiddleware } from '../state.ts'

/** Makes the answer of whatever was thrown. The text of an error stays in the log. */
export function errors({ clock, logger }: { clock: Clock; logger: Pick<Logger, 'error' | 'warn'> }): AppMiddleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      if (error instanceof CallerGoneError) {
        ctx.status = 400
        return
      }
      const answer = answerToError(error, clock.now(), ctx.state.viewer)
      const { requestId } = ctx.state
      const route = routeOf(ctx)
      if (answer.code === 'internal_error') logger.error({ requestId, route, err: error }, 'request failed')
      else if (answer.code === 'service_unavailable') logger.warn({ requestId, route, err: error }, 'request could not be served')
      ctx.status = errorTable[answer.code].status
      ctx.set(answer.headers)
      ctx.body = errorBody(answer, requestId)
    }
  }
}
