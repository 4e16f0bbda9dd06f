import type { LedgerEvent } from '../ledger/events.ts'
import { finishRefund, redirectRefund, type Refund } from './refund.ts'

export type RefundEvent = Extract<LedgerEvent, { type: 'refund-accepted' | 'refund-finished' | 'refund-redirected' | 'funds' }>

const key = (mchid: string, number: string) => `${mchid}/${number}`

/** The refunds of the ledger with the indexes that are looked up, and what each merchant has to pay them from. */
export function createRefundBook() {
  const refunds = new Map<string, Refund>()
  const ids = new Map<string, string>()
  const ofTrade = new Map<string, string[]>()
  /** Those that finish by themselves. */
  const pending = new Set<string>()
  /** Only merchants whose balance was set: the others have enough. */
  const fundsFen = new Map<string, number>()

  function put(refund: Refund): void {
    const id = key(refund.mchid, refund.outRefundNo)
    refunds.set(id, refund)
    if (refund.due === null) pending.delete(id)
    else pending.add(id)
  }

  function accept(refund: Refund): void {
    const id = key(refund.mchid, refund.outRefundNo)
    const trade = key(refund.mchid, refund.outTradeNo)
    ids.set(refund.refundId, id)
    ofTrade.set(trade, [...(ofTrade.get(trade) ?? []), id])
    put(refund)
    moveFunds(refund.mchid, -refund.refundFen)
  }

  function moveFunds(mchid: string, byFen: number): void {
    const before = fundsFen.get(mchid)
    if (before !== undefined) fundsFen.set(mchid, before + byFen)
  }

  function must({ mchid, outRefundNo }: { mchid: string; outRefundNo: string }): Refund {
    const refund = refunds.get(key(mchid, outRefundNo))
    if (!refund) throw new Error(`the journal speaks of an unknown refund ${outRefundNo}`)
    return refund
  }

  /** The refund as it is after a result. */
  function apply(event: RefundEvent): Refund | undefined {
    if (event.type === 'refund-accepted') return void accept(event.refund)
    if (event.type === 'refund-redirected') return void put(redirectRefund(must(event), event.redirection))
    if (event.type === 'funds') {
      if (event.refundableFen === null) fundsFen.delete(event.mchid)
      else fundsFen.set(event.mchid, event.refundableFen)
      return undefined
    }
    const finished = finishRefund(must(event), event.status, event)
    put(finished)
    if (event.status === 'CLOSED') moveFunds(event.mchid, finished.refundFen)
    return finished
  }

  const known = (keys: Iterable<string>): Refund[] => [...keys].flatMap((id) => refunds.get(id) ?? [])
  return {
    apply,
    find: (mchid: string, outRefundNo: string) => refunds.get(key(mchid, outRefundNo)),
    byId: (refundId: string) => refunds.get(ids.get(refundId) ?? ''),
    /** In the order in which they were accepted. */
    of: ({ mchid, outTradeNo }: Pick<Refund, 'mchid' | 'outTradeNo'>) => known(ofTrade.get(key(mchid, outTradeNo)) ?? []),
    all: () => [...refunds.values()],
    pending: () => known(pending),
    /** What the merchant may still give back, in fen; null: as much as it likes. */
    fundsFen: (mchid: string): number | null => fundsFen.get(mchid) ?? null,
    clear() {
      for (const index of [refunds, ids, ofTrade, pending, fundsFen]) index.clear()
    },
  }
}
