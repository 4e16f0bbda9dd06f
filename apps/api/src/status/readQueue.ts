/** So many reads wait already that another would be answered too late. Nothing was asked of the database. */
export class TooManyReadsError extends Error {
  override readonly name = 'TooManyReadsError'
  readonly retryAfterSeconds = 2
}

export interface ReadQueueOptions {
  /** Reads under way at the same time. */
  width: number
  /** Reads that wait for their turn; urgent ones are not counted. */
  maxWaiting: number
}

/** Lets reads through so many at a time, in their order, urgent ones first. */
export function createReadQueue({ width, maxWaiting }: ReadQueueOptions) {
  const urgentOnes: (() => void)[] = []
  const others: (() => void)[] = []
  let underWay = 0

  async function turn(urgent: boolean): Promise<void> {
    if (underWay < width) {
      underWay++
      return
    }
    if (!urgent && others.length >= maxWaiting) throw new TooManyReadsError('too many reads wait already')
    await new Promise<void>((resolve) => (urgent ? urgentOnes : others).push(resolve))
  }

  /** The next one takes over the place. */
  function leave(): void {
    const next = urgentOnes.shift() ?? others.shift()
    if (next) next()
    else underWay--
  }

  return {
    /** @throws {TooManyReadsError} and what the read throws */
    async run<Result>(read: () => Promise<Result>, { urgent = false } = {}): Promise<Result> {
      await turn(urgent)
      try {
        return await read()
      } finally {
        leave()
      }
    },
  }
}
