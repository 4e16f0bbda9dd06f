import type { Trade } from '../ledger/trade.ts'
import type { Payer } from '../payer.ts'

export type Settler = ReturnType<typeof createSettler>

/** Pays a while after the payer has confirmed: the browser is back first. In memory only; a restart forgets it. */
export function createSettler(payer: Pick<Payer, 'payNumber'>) {
  const timers = new Set<ReturnType<typeof setTimeout>>()
  return {
    /** @param ms - real milliseconds */
    payLater({ mchid, outTradeNo }: Trade, ms: number): void {
      const timer = setTimeout(() => {
        timers.delete(timer)
        payer.payNumber(mchid, outTradeNo)
      }, ms)
      timers.add(timer)
    },
    clear(): void {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
  }
}
