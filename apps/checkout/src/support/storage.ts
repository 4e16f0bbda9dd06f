/** localStorage and sessionStorage may be switched off by the browser: then nothing is remembered, and nothing breaks. */
export interface Memory {
  read(key: string): string | null
  write(key: string, value: string): void
  forget(key: string): void
}

export function memoryOf(open: () => Storage): Memory {
  const instead = new Map<string, string>()
  function tryStorage<T>(use: (storage: Storage) => T, fallback: () => T): T {
    try {
      return use(open())
    } catch {
      return fallback()
    }
  }
  return {
    read: (key) =>
      tryStorage(
        (storage) => storage.getItem(key),
        () => instead.get(key) ?? null,
      ),
    write: (key, value) =>
      tryStorage(
        (storage) => storage.setItem(key, value),
        () => void instead.set(key, value),
      ),
    forget: (key) =>
      tryStorage(
        (storage) => storage.removeItem(key),
        () => void instead.delete(key),
      ),
  }
}

export const thisBrowser = memoryOf(() => localStorage)
export const thisTab = memoryOf(() => sessionStorage)
