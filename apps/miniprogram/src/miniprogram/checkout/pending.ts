/** wx.setStorageSync and its like; what is stored outlives the program. */
export interface Memory {
  read(key: string): unknown
  write(key: string, value: Record<string, string | number>): void
  forget(key: string): void
}

export interface Opening {
  key: string
  amountFen: number
}

export interface PendingOptions {
  memory: Memory
  /** Hard to guess: who knows the key of a request can ask for its answer. */
  newKey(): Promise<string>
  now?: () => number
}

const openingAs = 'checkout.opening'
const orderAs = 'checkout.order'
const renewingAs = 'checkout.renewing'

/** As long as the server keeps a key; an older one would open a second order. */
const keyLifeMs = 24 * 3_600_000

/**
 * What is under way, kept until it is answered: WeChat ends a mini program in the background whenever it likes, and the next start sends
 * the same request with the same key, so nothing is made twice.
 */
export function pendingRequests({ memory, newKey, now = Date.now }: PendingOptions) {
  const fields = (key: string): Record<string, unknown> => {
    const stored = memory.read(key)
    return typeof stored === 'object' && stored !== null ? { ...stored } : {}
  }

  function opening(): Opening | null {
    const { key, amountFen, at } = fields(openingAs)
    if (typeof key !== 'string' || typeof amountFen !== 'number' || typeof at !== 'number') return null
    return now() - at < keyLifeMs ? { key, amountFen } : null
  }

  return {
    /** The checkout that was being opened, or null. */
    opening,
    /** The same amount again, while its request has no answer, is the same request. */
    async openingKey(amountFen: number): Promise<string> {
      const unanswered = opening()
      if (unanswered?.amountFen === amountFen) return unanswered.key
      const key = await newKey()
      memory.write(openingAs, { key, amountFen, at: now() })
      return key
    },
    endOpening: () => memory.forget(openingAs),

    /** The order that is being paid, or null. */
    order(): string | null {
      const { token } = fields(orderAs)
      return typeof token === 'string' ? token : null
    },
    keepOrder: (token: string) => memory.write(orderAs, { token }),
    forgetOrder: () => memory.forget(orderAs),

    /** The key of the new attempt that is being asked for; the same until it is answered. */
    async renewalKey(token: string): Promise<string> {
      const renewing = fields(renewingAs)
      if (renewing['token'] === token && typeof renewing['key'] === 'string') return renewing['key']
      const key = await newKey()
      memory.write(renewingAs, { token, key })
      return key
    },
    endRenewal: () => memory.forget(renewingAs),
  }
}

export type PendingRequests = ReturnType<typeof pendingRequests>
