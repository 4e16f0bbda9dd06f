/** One of those who are compared: does a piece of work as often as it is told. */
export interface Contender {
  /** What a round needs and what is not measured. */
  prepare?(count: number): Promise<void>
  run(count: number): Promise<void>
  /** The processor's time that all who do the work have taken so far, in ms, where they are other processes. */
  cpuMs?: (() => number) | undefined
}

/** Does the same thing over and over. Whether it is asynchronous or not, it is waited for: the loop costs both sides the same. */
export function repeat(once: () => unknown): Contender {
  return {
    async run(count) {
      for (let done = 0; done < count; done += 1) await once()
    },
  }
}
