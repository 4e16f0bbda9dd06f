/** Reads what a server said without believing it. */
export type Json = Record<string, unknown>

export function record(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object')
  return Object.fromEntries(Object.entries(value))
}

export function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('no list')
  return value.map((item: unknown) => item)
}

export function text(from: Json, name: string): string {
  const value = from[name]
  if (typeof value !== 'string') throw new TypeError(`${name} is no text`)
  return value
}
