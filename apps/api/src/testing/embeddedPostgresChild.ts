import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type Identity, ourselves } from '../storage/embedded/run.ts'

const Config = z.object({
  host: z.string(),
  port: z.number(),
  user: z.string(),
  password: z.string(),
  database: z.string(),
  ssl: z.boolean(),
})
const Message = z.object({ config: Config.optional(), error: z.string().optional(), log: z.string().optional() })

export interface EmbeddedChild {
  /** Settles when the child can use the database; rejected with its error's text when it cannot. */
  readonly config: Promise<pg.ClientConfig>
  /** What it logged, errors with their texts. */
  readonly told: readonly string[]
  /** Lets it stop by its own way, and waits until it is gone. */
  readonly stop: () => Promise<void>
  /** kill -9. */
  readonly kill: () => Promise<void>
}

const program = fileURLToPath(new URL('embeddedPostgresProcess.ts', import.meta.url))

/** Another process that runs the database in DATA_DIR, as a second API would; as another user, when asked. */
export function startEmbeddedChild(dataDir: string, identity: Identity = ourselves): EmbeddedChild {
  const [file, ...args] = [...identity.prefix, process.execPath, program, dataDir]
  const child = spawn(file, args, { ...identity.user, stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const told: string[] = []
  const config = listen(child, told)
  // Whoever wants to know asks for it; a test that kills the child does not.
  config.catch(() => undefined)
  const end = async (how: () => void) => {
    how()
    await exited
  }
  const stop = () => end(() => child.stdin.end())
  onTestFinished(stop)
  return { config, told, stop, kill: () => end(() => child.kill('SIGKILL')) }
}

/** Reads on to the end, since a full pipe would stop the child. */
function listen({ stdout }: ChildProcess, told: string[]): Promise<pg.ClientConfig> {
  if (!stdout) throw new Error('the child has no output')
  const lines = createInterface({ input: stdout })
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const { config, error, log } = Message.parse(JSON.parse(line))
      if (log !== undefined) told.push(log)
      if (error !== undefined) reject(new Error(error))
      if (config) resolve(config)
    })
    lines.on('close', () => reject(new Error('the child ended before it was ready')))
  })
}
