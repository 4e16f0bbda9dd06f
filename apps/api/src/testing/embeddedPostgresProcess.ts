/**
 * A process that runs the embedded PostgreSQL, as the API does, for tests that kill it: `node embeddedPostgresProcess.ts
 * DATA_DIR`. Prints {"config"} when ready or {"error"}, and {"log"}; stops when its standard input ends, also because the test is gone.
 */
import { startEmbeddedPostgres } from '../storage/embedded/start.ts'

const [dataDir = ''] = process.argv.slice(2)
const print = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`)
const log = (fields: object, message: string) => {
  const reasons = Object.values(fields).flatMap((value: unknown) => (value instanceof Error ? [value.message] : []))
  print({ log: [message, ...reasons].join(': ') })
}

try {
  const { config, stop } = await startEmbeddedPostgres({ dataDir, logger: { info: log, warn: log, error: log } })
  process.stdin.resume().on('end', () => void stop().then(() => process.exit()))
  print({ config })
} catch (error) {
  print({ error: error instanceof Error ? error.message : String(error) })
  process.exitCode = 1
}
