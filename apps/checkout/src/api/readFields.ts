/** An answer is data from outside: it is read field by field, and one that does not fit is an error, not a broken page. */
export type Fields = Record<string, unknown>

export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError'
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function readFields(value: unknown, name: string): Fields {
  if (!isFields(value)) throw new UnreadableAnswerError(name)
  return value
}

export function text(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new UnreadableAnswerError(name)
  return value
}

export function integer(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new UnreadableAnswerError(name)
  return value
}

export function boolean(fields: Fields, name: string): boolean {
  const value = fields[name]
  if (typeof value !== 'boolean') throw new UnreadableAnswerError(name)
  return value
}

export function nullable<T>(fields: Fields, name: string, read: (fields: Fields, name: string) => T): T | null {
  return fields[name] === null ? null : read(fields, name)
}

export function list<T>(fields: Fields, name: string, read: (value: unknown) => T): T[] {
  const values = fields[name]
  if (!Array.isArray(values)) throw new UnreadableAnswerError(name)
  return values.map((value: unknown) => read(value))
}

export function names<Name extends string>(all: Record<Name, 1>): (value: unknown) => value is Name {
  return (value): value is Name => typeof value === 'string' && Object.hasOwn(all, value)
}

export function oneOf<Name extends string>(fields: Fields, name: string, isName: (value: unknown) => value is Name): Name {
  const value = fields[name]
  if (!isName(value)) throw new UnreadableAnswerError(name)
  return value
}
