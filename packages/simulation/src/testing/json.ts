/** Reads what a server said without believing it. */
export type Json = Record<string, unknown>

export function record(value: unknown, what = 'answer'): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`${what} is no object: ${JSON.stringify(value)}`)
  return Object.fromEntries(Object.entries(value))
}

export function list(value: unknown, what: string): Json[] {
  if (!Array.isArray(value)) throw new TypeError(`${what} is no list`)
  return value.map((item: unknown) => record(item, what))
}

export function text(from: Json, name: string): string {
  const value = from[name]
  if (typeof value !== 'string') throw new TypeError(`${name} is no text: ${JSON.stringify(value)}`)
  return value
}

export function textOrNull(from: Json, name: string): string | null {
  return from[name] === null ? null : text(from, name)
}

export function number(from: Json, name: string): number {
  const value = from[name]
  if (typeof value !== 'number') throw new TypeError(`${name} is no number: ${JSON.stringify(value)}`)
  return value
}
