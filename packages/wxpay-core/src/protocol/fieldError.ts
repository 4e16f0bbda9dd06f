/** A field of a verified message is absent, empty, or not what WeChat's pages say it is. */
export class FieldError extends Error {
  override readonly name = 'FieldError'
  readonly problem: 'missing' | 'unreadable'

  constructor(field: string, problem: 'missing' | 'unreadable') {
    super(`${field} is ${problem}`)
    this.problem = problem
  }
}
