import { FieldError } from '../fieldError.ts'

/** What JSON.parse made of an object. Its fields are reached by the readers below. */
export type JsonObject = Readonly<Record<string, unknown>>

/**
 * A name that stands twice counts as the last one, and `__proto__` is a field like any other: neither changes what the signature said.
 *
 * @throws {FieldError} when it is not JSON, or not an object
 */
export function parseObject(text: Buffer | string): JsonObject {
  const value = parse(text)
  if (!isObject(value)) throw new FieldError('the body', 'unreadable')
  return value
}

function parse(text: Buffer | string): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch {
    throw new FieldError('the body', 'unreadable')
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * undefined for what is absent, null or "", which WeChat uses alike. JSON.parse makes `__proto__` a field of its own and changes no
 * prototype, so nothing is inherited but what every object has, and none of WeChat's names is among that.
 */
function present(object: JsonObject, name: string): unknown {
  const value = object[name]
  return value === null || value === '' ? undefined : value
}

/** @throws {FieldError} when it is absent, empty or not text */
export function readText(object: JsonObject, name: string): string {
  const text = readOptionalText(object, name)
  if (text === undefined) throw new FieldError(name, 'missing')
  return text
}

/** @throws {FieldError} when it is there and not text */
export function readOptionalText(object: JsonObject, name: string): string | undefined {
  const value = present(object, name)
  if (value !== undefined && typeof value !== 'string') throw new FieldError(name, 'unreadable')
  return value
}

/** @throws {FieldError} when it is absent or not an object */
export function readObject(object: JsonObject, name: string): JsonObject {
  const value = readOptionalObject(object, name)
  if (value === undefined) throw new FieldError(name, 'missing')
  return value
}

/** @throws {FieldError} when it is there and not an object */
export function readOptionalObject(object: JsonObject, name: string): JsonObject | undefined {
  const value = present(object, name)
  if (value !== undefined && !isObject(value)) throw new FieldError(name, 'unreadable')
  return value
}

/** @throws {FieldError} when it is not a list of at least one object, and of nothing else */
export function readList(object: JsonObject, name: string): JsonObject[] {
  const value = present(object, name)
  if (value === undefined) throw new FieldError(name, 'missing')
  if (!Array.isArray(value) || value.length === 0) throw new FieldError(name, 'unreadable')
  return value.map((entry: unknown) => {
    if (!isObject(entry)) throw new FieldError(name, 'unreadable')
    return entry
  })
}

/** A number as JSON has it, never text that looks like one; undefined when absent. */
export function readOptionalNumber(object: JsonObject, name: string): number | undefined {
  const value = present(object, name)
  if (value !== undefined && typeof value !== 'number') throw new FieldError(name, 'unreadable')
  return value
}
