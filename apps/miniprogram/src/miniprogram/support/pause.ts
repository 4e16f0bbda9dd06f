/** A pause that ends by itself, or earlier when somebody has news. */
export function createPause() {
  const sleepers = new Set<() => void>()
  return {
    sleep(ms: number): Promise<void> {
      return new Promise((resolve) => {
        const wakeUp = () => {
          clearTimeout(timer)
          sleepers.delete(wakeUp)
          resolve()
        }
        const timer = setTimeout(wakeUp, ms)
        sleepers.add(wakeUp)
      })
    },
    wake(): void {
      for (const wakeUp of Array.from(sleepers)) wakeUp()
    },
  }
}
