import type { Alarms } from '../commands/context.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** What an operator should hear of goes to the log and is counted. What to do about each kind stands in docs/runbook.md. */
export function createAlarms({ logger, metrics }: { logger: Logger; metrics: Metrics }): Alarms {
  return {
    anomaly(kind, { outTradeNo }) {
      metrics.anomaly(kind)
      logger.error({ kind, outTradeNo }, 'a payment needs to be looked at')
    },
    wechatCall({ error, ...made }) {
      metrics.wechatCall(made)
      // A wrong key looks just like this, call after call: the cause has WeChat's own words.
      if (error) logger.warn({ call: made.call, outcome: made.outcome, err: error }, 'WeChat gave no answer that helps')
    },
  }
}
