import type { BillCommands } from '../commands/billCommands.ts'
import type { BillContext } from '../commands/billContext.ts'
import { requestBill } from '../commands/requestBill.ts'
import { resolveDiscrepancy } from '../commands/resolveDiscrepancy.ts'
import { confirmBill } from '../commands/steps/confirmBill.ts'
import type { WechatGates } from '../commands/steps/wechatGates.ts'
import type { BillStore } from '../storage/billStore.ts'
import { createBillAlarms } from '../support/billAlarms.ts'
import { systemClock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import type { Metrics } from '../support/metrics.ts'

export interface BillParts {
  store: BillStore
  mchId: string
  wechat: WechatGates
  logger: Logger
  metrics: Metrics
}

/** What follows from a bill that agrees with our books: the ledger hears of it. */
export function billContext({ store, mchId, wechat, logger, metrics }: BillParts): BillContext {
  return {
    store,
    clock: systemClock,
    mchId,
    wechat,
    alarms: createBillAlarms({ logger, metrics }),
    onAgreement: (billId) => confirmBill({ db: store.db, clock: systemClock }, billId),
  }
}

/** What an operator may do about bills. */
export function bindBills(context: BillContext): BillCommands {
  return {
    requestBill: (input) => requestBill(context, input),
    resolveDiscrepancy: (input) => resolveDiscrepancy(context, input),
  }
}
