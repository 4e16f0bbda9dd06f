import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keepForOwner } from './ownFile.ts'

/** The demo's OPERATOR_TOKEN: made by chance once for each data folder, so that a console stays logged in over restarts. */
export async function demoOperatorToken(dataDir: string): Promise<string> {
  const file = join(dataDir, 'operator-token')
  const kept = await readFile(file, 'utf8').catch(() => '')
  if (/^[0-9a-f]{64}$/.test(kept)) return kept
  const token = randomBytes(32).toString('hex')
  await keepForOwner(file, token)
  return token
}
