/** A pause that ends by itself, or earlier when somebody has news. */
export function wakeableSleep() {
  let wakeUp: (() => void) | null = null
  return {
    sleep(ms: number): Promise<void> {
      return new Promise((resolve) => {
        const timer = setTimeout(() => wakeUp?.(), ms)
        wakeUp = () => {
          clearTimeout(timer)
          wakeUp = null
          resolve()
        }
      })
    },
    wake: () => wakeUp?.(),
  }
}
