import { parseYuan, formatYuan, type Fen } from 'wxpay-core/money'
import type { Memory } from '../support/storage.ts'

export interface Opening {
  key: string
  amountFen: Fen
}

/**
 * The idempotency keys of requests that have not been answered, kept for the life of the tab:
 * a reload in the middle repeats the same request with the same key, so nothing is made twice.
 */
export function pendingRequests(memory: Memory, newKey: () => string) {
  const openingAs = 'wxpay-checkout.opening'
  const renewingAs = (token: string) => `wxpay-checkout.renewing.${token}`
  return {
    /** The checkout that was being opened, or null. */
    opening(): Opening | null {
      const [key, yuan] = memory.read(openingAs)?.split(' ') ?? []
      const amount = parseYuan(yuan ?? '')
      return key && amount.ok ? { key, amountFen: amount.amount } : null
    },
    beginOpening(amountFen: Fen): Opening {
      const opening = { key: newKey(), amountFen }
      memory.write(openingAs, `${opening.key} ${formatYuan(amountFen)}`)
      return opening
    },
    endOpening: () => memory.forget(openingAs),

    isRenewing: (token: string) => memory.read(renewingAs(token)) !== null,
    /** The key of the new code that is being asked for; the same until it is answered. */
    renewalKey(token: string): string {
      const key = memory.read(renewingAs(token)) ?? newKey()
      memory.write(renewingAs(token), key)
      return key
    },
    endRenewal: (token: string) => memory.forget(renewingAs(token)),
  }
}

export type PendingRequests = ReturnType<typeof pendingRequests>
