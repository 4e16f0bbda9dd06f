/** A bill that must not be taken for one: cut off, changed, or of another form. Where, in numbers and names of columns, never with a value. */
export class BillBrokenError extends Error {
  override readonly name = 'BillBrokenError'
  /** Counted from 1. */
  readonly line: number
  /** As the bill's header has it; undefined when the line as a whole is meant. */
  readonly column: string | undefined

  constructor(line: number, column: string | undefined, problem: string) {
    super(`the bill is broken at line ${line}${column === undefined ? '' : `, ${column}`}: ${problem}`)
    this.line = line
    this.column = column
  }
}

/** A row is about another merchant than ours: the bill is somebody else's. */
export class BillOfAnotherMerchantError extends Error {
  override readonly name = 'BillOfAnotherMerchantError'
  readonly line: number

  constructor(line: number) {
    super(`line ${line} of the bill is about another merchant`)
    this.line = line
  }
}
