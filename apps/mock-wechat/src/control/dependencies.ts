import type { AccountSide } from '../accounts/accountSide.ts'
import type { Bills } from '../bills/bills.ts'
import type { Downloads } from '../bills/downloads.ts'
import type { Clock } from '../clock.ts'
import type { Switches } from '../config.ts'
import type { Faults } from '../faults/faults.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Merchants } from '../merchants.ts'
import type { Notifier } from '../notices/notifier.ts'
import type { Payer } from '../payer.ts'
import type { RefundDesk } from '../refunds/desk.ts'
import type { Refusals } from '../refusals.ts'
import type { Scanner } from '../scan/scanner.ts'

/** What the control side may see and move. */
export interface ControlDependencies {
  ledger: Ledger
  clock: Clock
  switches: Switches
  merchants: Merchants
  accountSide: AccountSide
  notifier: Notifier
  payer: Payer
  scanner: Scanner
  desk: RefundDesk
  /** Where calls with a client certificate arrive. */
  tls: { url: string; ca: string } | null
  faults: Faults
  refusals: Refusals
  bills: Bills
  downloads: Downloads
}
