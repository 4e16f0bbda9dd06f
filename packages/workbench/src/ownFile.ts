import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Nobody else's eyes: the demo's keys are throw-away, and still keys. */
export async function keepForOwner(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text, { mode: 0o600 })
  await chmod(file, 0o600) // one that was there keeps its mode otherwise
}
