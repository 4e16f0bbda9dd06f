import type { Alarms } from '../commands/context.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** What an operator should hear of goes to the log and is counted. What to do about each kind stands in docs/runbook.md. */
export function createAlarms({ logger, metrics }: { logger: Pick<Logger, 'warn' | 'error'>; metrics: Metrics }): Alarms {
  const keysToldOf = new Set<string>()
  return {
    anomaly(kind, { outTradeNo, outRefundNo }) {
      metrics.anomaly(kind)
      logger.error({ kind, outTradeNo, outRefundNo }, 'a payment needs to be looked at')
    },
    books(problem, figures) {
      metrics.anomaly(problem)
      logger.error({ problem, ...figures }, 'the books need to be looked at')
    },
    wechatCall({ error, ...made }) {
      metrics.wechatCall(made)
      if (!error) return
      const { protocol, call, outcome } = made
      // A wrong key looks just like this, call after call: the cause has WeChat's own words.
      logger.warn({ protocol, call, outcome, wechatRequestId: error.requestId, err: error }, 'WeChat gave no answer that helps')
    },
    keysMissing({ protocol, message }, { openPayments } = {}) {
      if (keysToldOf.has(protocol)) return
      keysToldOf.add(protocol)
      metrics.anomaly('keys-missing')
      logger.error(
        { protocol, openPayments },
        `${message}: until then they are neither queried nor closed, and their notices are not taken`,
      )
    },
  }
}
