import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Identity = z.object({
  /** PEM of the authority that signed the server's certificate: what a client must trust. */
  ca: z.string(),
  certificate: z.string(),
  privateKey: z.string(),
})
export type Identity = z.infer<typeof Identity>

/** Reads the server's certificate of this data folder, or makes one up: clients that trust its authority go on doing so after a restart. */
export async function openIdentity(dir: string, now: number): Promise<Identity> {
  const file = join(dir, 'tls.json')
  if (existsSync(file)) return Identity.parse(JSON.parse(readFileSync(file, 'utf8')))
  const { newIdentity } = await import('./newIdentity.ts') // slow to load, and rarely needed
  const identity = await newIdentity(now)
  mkdirSync(dir, { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  return identity
}
