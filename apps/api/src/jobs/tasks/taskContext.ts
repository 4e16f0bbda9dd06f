import type { Logger } from 'pino'
import type { BillContext } from '../../commands/billContext.ts'
import type { CheckLedgerContext } from '../../commands/checkLedger.ts'
import type { PaymentContext } from '../../commands/context.ts'
import type { DatabaseNow } from '../../storage/callBudgets.ts'

export interface TaskContext {
  payments: PaymentContext
  bills: BillContext
  /** Calls to WeChat's query per second, all processes together (rule R16). */
  queriesPerSecond: number
  /** What the limits on refunds are counted by. */
  databaseNow: DatabaseNow
  /** Told the figures of every check of the ledger. */
  showLedger: CheckLedgerContext['show']
  logger: Logger
  countJob: (job: { name: string; outcome: 'done' | 'failed' }) => void
}
