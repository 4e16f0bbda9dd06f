/** Time that passes only when everybody waits for it: what takes hours is over when the work is done. */
export class VirtualTime {
  #nowMs: number
  #sleepers: { atMs: number; wake: () => void }[] = []
  #running = 0
  #onQuiet: (() => void) | undefined

  constructor(start: Date) {
    this.#nowMs = start.getTime()
  }

  now = (): Date => new Date(this.#nowMs)

  get nowMs(): number {
    return this.#nowMs
  }

  /** Something under way in this time: it works, or sleeps. */
  async run(task: () => Promise<void>): Promise<void> {
    this.#running += 1
    try {
      await task()
    } finally {
      this.#running -= 1
      this.#tellQuiet()
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ atMs: this.#nowMs + ms, wake })
      this.#tellQuiet()
    })
  }

  /** Until all that runs sleeps. */
  async quiet(): Promise<void> {
    if (this.#running === this.#sleepers.length) return
    await new Promise<void>((resolve) => (this.#onQuiet = resolve))
  }

  /** Goes on to a moment, when all is quiet, and wakes everybody who sleeps until then: they go on side by side. */
  advance(untilMs: number): void {
    this.#nowMs = untilMs
    const awake = this.#sleepers.filter(({ atMs }) => atMs <= untilMs)
    this.#sleepers = this.#sleepers.filter(({ atMs }) => atMs > untilMs)
    for (const { wake } of awake) wake()
  }

  #tellQuiet(): void {
    if (this.#running !== this.#sleepers.length) return
    this.#onQuiet?.()
    this.#onQuiet = undefined
  }
}
