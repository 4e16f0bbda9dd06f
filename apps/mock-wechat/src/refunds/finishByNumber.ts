import type { Ledger } from '../ledger/ledger.ts'
import type { RefundDesk } from './desk.ts'

/** For faults: the money arrives at this very moment. Resolves after the first delivery of the notice was tried. */
export async function finishByNumber(
  { ledger, desk }: { ledger: Ledger; desk: RefundDesk },
  mchid: string,
  outRefundNo: string,
): Promise<void> {
  const refund = ledger.refunds.find(mchid, outRefundNo)
  if (refund) await desk.finish(refund, 'SUCCESS').delivered()
}
