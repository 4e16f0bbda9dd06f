/** The time of day, injected so that tests can move it. Durations are measured by performance.now(). */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }
