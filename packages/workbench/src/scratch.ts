import { access, chmod, constants, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const gib = 2 ** 30
/** Of the folder and of the machine's memory, which the files share with everything else that runs. */
const needed = { folderBytes: 4 * gib, memoryBytes: 8 * gib }

/**
 * A folder for temporary files while `work` runs, gone afterwards. The tests make database after database, each of many small files: it lies
 * in memory where there is enough (the unit tests took 266 s there instead of 312), else where the system keeps temporary files.
 */
export async function withScratch<Result>(work: (folder: string) => Promise<Result>, memory = '/dev/shm'): Promise<Result> {
  const folder = await mkdtemp(join((await holdsMuch(memory)) ? memory : tmpdir(), 'wxpay-'))
  try {
    // As the system's own: under root PostgreSQL runs as somebody else, who makes files here, too.
    await chmod(folder, 0o1777)
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function holdsMuch(folder: string): Promise<boolean> {
  if (process.availableMemory() < needed.memoryBytes) return false
  try {
    await access(folder, constants.W_OK)
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize >= needed.folderBytes
  } catch {
    return false
  }
}
