import type { Bills } from '../bills/bills.ts'
import type { Downloads } from '../bills/downloads.ts'
import type { Clock } from '../clock.ts'
import type { Switches } from '../config.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { RefundDesk } from '../refunds/desk.ts'

/** What the endpoints work on. */
export interface Backend {
  ledger: Ledger
  desk: RefundDesk
  clock: Clock
  switches: Switches
  /** Where a payer's browser reaches this mock: scheme and host, no slash at the end. */
  publicUrl: string
  /** Numbers (mchid/out_trade_no) that were closed before they were ever used; only with the switch for it, and in memory. */
  burned: Set<string>
  bills: Bills
  downloads: Downloads
}
