import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** Made from sources or by tools; never a source itself. */
const skipped = new Set(['node_modules', 'dist', 'test-results'])

/**
 * One hash over names and bytes of all files below the given paths: equal inputs, equal hash, on every machine.
 *
 * @param base - names are taken relative to it
 * @param paths - files or folders below `base`
 * @returns SHA-256, hex
 */
export async function fingerprint(base: string, paths: string[]): Promise<string> {
  const files = (await Promise.all(paths.map((path) => filesBelow(join(base, path))))).flat()
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    const bytes = await readFile(file)
    // Name and length in front: moving bytes from one file to the next is a change.
    hash.update(`${relative(base, file).split(sep).join('/')}\0${bytes.length}\0`)
    hash.update(bytes)
  }
  return hash.digest('hex')
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return null
    throw error
  })
  if (entries === null) return [path]
  const kept = entries.filter((entry) => !skipped.has(entry.name))
  return (await Promise.all(kept.map((entry) => filesBelow(join(path, entry.name))))).flat()
}
