export interface CountdownOptions {
  /** Never goes back and never jumps, in milliseconds. */
  now(): number
  /** The seconds to show have changed. */
  onTick(): void
}

/** Whole seconds until a moment, counted while somebody looks. */
export function createCountdown({ now, onTick }: CountdownOptions) {
  let end: number | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const leftMs = () => (end === null ? null : Math.max(0, end - now()))

  /** Once a second, at the moment when another number is due. */
  function schedule(): void {
    if (timer !== undefined) clearTimeout(timer)
    const left = leftMs()
    if (left === null || left === 0) return
    timer = setTimeout(tick, left % 1000 || 1000)
  }

  function tick(): void {
    schedule()
    onTick()
  }

  return {
    /** @param endsAt - on the scale of now(); null: nothing is counted */
    count(endsAt: number | null): void {
      if (end === endsAt) return
      end = endsAt
      schedule()
    },
    /** Rounded up: 0 is shown only when it is over. */
    secondsLeft(): number | null {
      const left = leftMs()
      return left === null ? null : Math.ceil(left / 1000)
    },
  }
}

/** 272 → "04:32" */
export function formatCountdown(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}
