export type JsonObject = Record<string, unknown>

/** Sets the field at a path such as "amount.total" or "data.0.serial_no"; what is missing on the way is made. Where a number stands, a number is put. */
export function setField(message: JsonObject, path: string, value: string): void {
  const { holder, name } = walk(message, path, true)
  if (holder) holder[name] = typeof holder[name] === 'number' && Number.isFinite(Number(value)) ? Number(value) : value
}

export function dropField(message: JsonObject, path: string): void {
  const { holder, name } = walk(message, path, false)
  if (holder) Reflect.deleteProperty(holder, name)
}

function walk(message: JsonObject, path: string, make: boolean): { holder: JsonObject | undefined; name: string } {
  const names = path.split('.')
  const name = names.pop() ?? ''
  let holder: JsonObject | undefined = message
  for (const step of names) {
    const next: unknown = Object.hasOwn(holder, step) ? holder[step] : undefined
    const inner: JsonObject | undefined = isHolder(next) ? next : make ? {} : undefined
    if (!inner) return { holder: undefined, name }
    holder[step] = inner
    holder = inner
  }
  return { holder, name }
}

const isHolder = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null
