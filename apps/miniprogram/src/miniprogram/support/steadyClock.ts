/** Longer than the page ever waits between two readings while it is in front. */
const longestStepMs = 5_000

/**
 * Milliseconds that only grow, and do not jump when the phone's clock is set. A mini program has no clock of that kind: `wx.getPerformance()`
 * has no now() here, and where it has one (mini games) tool and phone differ in its unit. So steps of Date.now() are added up: a step back
 * counts for nothing, one forward for five seconds at most. What is lost while WeChat holds the program still is made good by the next
 * answer of the server.
 */
export function createSteadyClock(read: () => number = Date.now): () => number {
  let last = read()
  let elapsedMs = 0
  return () => {
    const reading = read()
    elapsedMs += Math.min(Math.max(reading - last, 0), longestStepMs)
    last = reading
    return elapsedMs
  }
}
