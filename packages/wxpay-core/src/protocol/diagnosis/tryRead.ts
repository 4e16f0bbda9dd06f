export type Read<T> = { read: true; value: T } | { read: false; problem: string }

/** Turns a setting's RangeError ("must be …", without the value) into something to report. */
export function tryRead<T>(reader: () => T): Read<T> {
  try {
    return { read: true, value: reader() }
  } catch (cause) {
    if (cause instanceof RangeError) return { read: false, problem: cause.message }
    throw cause
  }
}
