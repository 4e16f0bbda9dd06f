/** Answers of servers come as `unknown`; these read what a test needs of them and fail with the name of what is missing. */

export type Fields = Record<string, unknown>

export function readObject(value: unknown, name = 'the answer'): Fields {
  if (!isFields(value)) throw new TypeError(`${name} is not an object: ${JSON.stringify(value)}`)
  return value
}

export function readText(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new TypeError(`${name} is not a text: ${JSON.stringify(value)}`)
  return value
}

/** Null stays null. */
export function readTextOrNull(fields: Fields, name: string): string | null {
  return fields[name] === null ? null : readText(fields, name)
}

export function readNumber(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number') throw new TypeError(`${name} is not a number: ${JSON.stringify(value)}`)
  return value
}

export function readBoolean(fields: Fields, name: string): boolean {
  const value = fields[name]
  if (typeof value !== 'boolean') throw new TypeError(`${name} is not true or false: ${JSON.stringify(value)}`)
  return value
}

/** @param read - of one item */
export function readList<Item>(fields: Fields, name: string, read: (item: Fields) => Item): Item[] {
  const value = fields[name]
  if (!Array.isArray(value)) throw new TypeError(`${name} is not a list: ${JSON.stringify(value)}`)
  return value.map((item) => read(readObject(item, `an item of ${name}`)))
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
