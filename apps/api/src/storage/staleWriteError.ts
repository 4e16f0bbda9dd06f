/** A guarded update found the row changed since it was read. Under the order's lock this is a fault of ours. */
export class StaleWriteError extends Error {
  override readonly name = 'StaleWriteError'

  constructor(what: string) {
    super(`${what} was changed by somebody else since it was read`)
  }
}
