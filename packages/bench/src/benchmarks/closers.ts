/** What has been opened, to be closed in the opposite order. */
export class Closers {
  readonly #all: { close(): void | Promise<void> }[] = []

  /** Lets `work` open things; when it fails half way, what is open already is closed. */
  static async use<Result>(work: (closers: Closers) => Promise<Result>): Promise<Result> {
    const closers = new Closers()
    try {
      return await work(closers)
    } catch (error) {
      await closers.close()
      throw error
    }
  }

  add<Opened extends { close(): void | Promise<void> }>(opened: Opened): Opened {
    this.#all.push(opened)
    return opened
  }

  async close(): Promise<void> {
    for (const opened of this.#all.splice(0).toReversed()) await opened.close()
  }
}
