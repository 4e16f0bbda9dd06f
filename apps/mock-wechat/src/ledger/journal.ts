import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

/** An append-only file of JSON lines. What was appended may be shown to the world only after `durable()`. */
export interface Journal {
  append(event: unknown): void
  /** Resolves when everything appended so far is on disk (fsync); many appends share one. Rejects for good after a failed write. */
  durable(): Promise<void>
  /** Forgets everything. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** Opens the file and replays its lines in order. A torn last line (the machine stopped while writing it) is cut off. */
export async function openJournal(file: string, replay: (event: unknown) => void): Promise<Journal> {
  mkdirSync(dirname(file), { recursive: true })
  replayLines(file, replay)
  const handle = await open(file, 'a', 0o600)
  await syncFolder(dirname(file))
  return createJournal(handle)
}

function createJournal(handle: FileHandle): Journal {
  let pending: string[] = []
  let writing: Promise<void> = Promise.resolve()

  /** Chains one write behind the last; by the time it runs it takes along all that has gathered. */
  function flush(): Promise<void> {
    writing = writing.then(async () => {
      if (pending.length === 0) return
      const lines = pending.join('')
      pending = []
      await handle.appendFile(lines)
      await handle.datasync()
    })
    writing.catch(() => undefined) // reported by whoever awaits durable()
    return writing
  }

  return {
    append: (event) => void pending.push(`${JSON.stringify(event)}\n`),
    durable: () => (pending.length === 0 ? writing : flush()),
    clear() {
      pending = []
      writing = writing.then(async () => {
        await handle.truncate(0)
        await handle.datasync()
      })
      return writing
    },
    async close() {
      await flush()
      await handle.close()
    },
  }
}

function replayLines(file: string, replay: (event: unknown) => void): void {
  const descriptor = openSync(file, 'a+', 0o600)
  try {
    const bytes = readFileSync(file)
    const whole = bytes.lastIndexOf(0x0a) + 1
    const lines = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)
    for (const [index, line] of lines.entries()) {
      try {
        replay(JSON.parse(line))
      } catch (cause) {
        throw new Error(`${file}, line ${index + 1}, is damaged: move the file away to begin with an empty ledger`, { cause })
      }
    }
    if (whole === bytes.length) return
    ftruncateSync(descriptor, whole)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** A new file survives a power cut only when its folder is on disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
