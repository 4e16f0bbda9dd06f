import type { Logger } from 'pino'
import type { PaymentContext } from '../../commands/context.ts'

export interface TaskContext {
  payments: PaymentContext
  /** Calls to WeChat's query per second, all processes together (rule R16). */
  queriesPerSecond: number
  logger: Logger
  countJob: (job: { name: string; outcome: 'done' | 'failed' }) => void
}
