import type { TradeType } from 'wxpay-core/contract'
import { parseYuan, formatYuan, type Fen } from 'wxpay-core/money'
import type { Memory } from '../support/storage.ts'

export interface Opening {
  key: string
  amountFen: Fen
  tradeType: TradeType
}

export interface Renewal {
  key: string
  tradeType: TradeType
}

/**
 * The idempotency keys of requests that have not been answered, kept for the life of the tab:
 * a reload in the middle repeats the same request with the same key, so nothing is made twice.
 */
export function pendingRequests(memory: Memory, newKey: () => string) {
  const openingAs = 'wxpay-checkout.opening'
  const renewingAs = (token: string) => `wxpay-checkout.renewing.${token}`
  const askedWhoAs = 'wxpay-checkout.asked-who'

  function renewal(token: string): Renewal | null {
    const [key, way] = memory.read(renewingAs(token))?.split(' ') ?? []
    return key ? { key, tradeType: readWay(way) } : null
  }

  return {
    /** The checkout that was being opened, or null. */
    opening(): Opening | null {
      const [key, yuan, way] = memory.read(openingAs)?.split(' ') ?? []
      const amount = parseYuan(yuan ?? '')
      return key && amount.ok ? { key, amountFen: amount.amount, tradeType: readWay(way) } : null
    },
    beginOpening(wanted: Omit<Opening, 'key'>): Opening {
      const opening = { ...wanted, key: newKey() }
      memory.write(openingAs, `${opening.key} ${formatYuan(opening.amountFen)} ${opening.tradeType}`)
      return opening
    },
    endOpening: () => memory.forget(openingAs),

    /** The new payment that was being asked for, or null. */
    renewal,
    /** The same request until it is answered; another way of paying is another request. */
    beginRenewal(token: string, tradeType: TradeType): Renewal {
      const unanswered = renewal(token)
      if (unanswered?.tradeType === tradeType) return unanswered
      const key = newKey()
      memory.write(renewingAs(token), `${key} ${tradeType}`)
      return { key, tradeType }
    },
    endRenewal: (token: string) => memory.forget(renewingAs(token)),

    /** The shopper was sent to WeChat to say who they are: that is done once, and not again if it did not help. */
    wasAskedWho: () => memory.read(askedWhoAs) !== null,
    noteAskedWho: () => memory.write(askedWhoAs, '1'),
    endAskedWho: () => memory.forget(askedWhoAs),
  }
}

export type PendingRequests = ReturnType<typeof pendingRequests>

function readWay(text: string | undefined): TradeType {
  return text === 'jsapi' || text === 'h5' ? text : 'native'
}
