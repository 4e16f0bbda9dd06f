import type { BillAlarms } from '../commands/billContext.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** What an operator should hear of bills goes to the log and is counted. What to do about each stands in docs/runbook.md. */
export function createBillAlarms({ logger, metrics }: { logger: Pick<Logger, 'error'>; metrics: Pick<Metrics, 'bill'> }): BillAlarms {
  return {
    setAside: ({ kind, billDate }, problem) => logger.error({ kind, billDate, ...problem }, 'a bill was set aside'),
    missing: ({ kind, billDate }, problem) => logger.error({ kind, billDate, ...problem }, 'a bill does not come'),
    differs: ({ kind, billDate }, opened) => logger.error({ kind, billDate, opened }, 'a bill and our books do not agree'),
    bill: metrics.bill,
  }
}
