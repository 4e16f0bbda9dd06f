/** At most `size` tasks at once; the rest wait in order. */
export function createSlots(size: number) {
  const queue: (() => void)[] = []
  let free = size

  return async function inSlot<T>(task: () => Promise<T>): Promise<T> {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => queue.push(resolve))
    try {
      return await task()
    } finally {
      const next = queue.shift()
      if (next) next()
      else free += 1
    }
  }
}
