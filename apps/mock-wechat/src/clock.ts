/**
 * Virtual time: real time plus what was advanced by hand. It moves the notice ladder and the expiry of trades only;
 * HTTP dates and `time_end` stay real. Milliseconds since 1970.
 */
export interface Clock {
  now(): number
  realNow(): number
  offsetMs(): number
  /** Sets the distance from real time, as read back from the journal. */
  setOffset(offsetMs: number): void
}

export function createClock(realNow: () => number = Date.now): Clock {
  let offset = 0
  return {
    now: () => realNow() + offset,
    realNow,
    offsetMs: () => offset,
    setOffset: (offsetMs) => {
      offset = offsetMs
    },
  }
}
