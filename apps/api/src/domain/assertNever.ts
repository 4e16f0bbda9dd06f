/** Makes the compiler prove that every case is handled. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected: ${JSON.stringify(value)}`)
}
