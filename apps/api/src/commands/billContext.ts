import type { Bill, BillKind } from '../domain/bill.ts'
import type { DiscrepancyClass } from '../domain/reconcile.ts'
import type { BillStore } from '../storage/billStore.ts'
import type { Clock } from '../support/clock.ts'
import type { WechatGates } from './steps/wechatGates.ts'

type AboutBill = Pick<Bill, 'kind' | 'billDate'>

/** Told of what an operator should hear about. What to do about each stands in docs/runbook.md. */
export interface BillAlarms {
  /** A bill that is not believed. */
  setAside(bill: AboutBill, problem: { code: string; detail: string }): void
  /** A bill does not come, try after try. */
  missing(bill: AboutBill, problem: { code: string; detail: string }): void
  /** Once per bill: what does not agree. */
  differs(bill: AboutBill, opened: Readonly<Partial<Record<DiscrepancyClass, number>>>): void
  /** What became of a try. */
  bill(made: { kind: BillKind; outcome: string }): void
}

/** What the steps of a bill's life need; made once in wiring.ts. */
export interface BillContext {
  store: BillStore
  clock: Clock
  /** Whose bills. */
  mchId: string
  wechat: WechatGates
  alarms: BillAlarms
  /** Called after the commit when a bill was compared, and when one of its differences is settled; what it does must bear a repeat. */
  onAgreement?: (billId: string) => Promise<void>
}
