/**
 * Virtual time: real time plus what was advanced by hand. It moves the notice ladder, the expiry of trades and the days of bills;
 * HTTP dates and signatures stay real, and `time_end` and its like by default. Milliseconds since 1970.
 */
export interface Clock {
  now(): number
  realNow(): number
  /** What messages and bills say of a payment or a refund that happens at a virtual moment: the real time now, or by switch the very moment. */
  told(at: number): number
  offsetMs(): number
  /** Sets the distance from real time, as read back from the journal. */
  setOffset(offsetMs: number): void
}

export function createClock(realNow: () => number = Date.now, tradeTimes: 'real' | 'virtual' = 'real'): Clock {
  let offset = 0
  const now = () => realNow() + offset
  return {
    now,
    realNow,
    told: (at) => (tradeTimes === 'virtual' ? at : realNow()),
    offsetMs: () => offset,
    setOffset: (offsetMs) => {
      offset = offsetMs
    },
  }
}
