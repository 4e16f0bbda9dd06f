import { BadSettingsError, loadConfig, type Config } from './config.ts'
import { EmbeddedPostgresError } from './storage/embedded/errors.ts'
import { createLogger } from './support/logger.ts'
import { startProcess } from './wiring.ts'

const logger = createLogger()

function readConfig(): Config {
  try {
    return loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof BadSettingsError)) throw error
    console.error(error.message)
    process.exit(78) // EX_CONFIG: restarting will not help
  }
}

const config = readConfig()
const startedAt = performance.now()
try {
  const service = await startProcess(config, logger)
  logger.info({ url: service.url, ms: Math.round(performance.now() - startedAt) }, 'ready')
  stopOnSignal(service.stop)
} catch (error) {
  // What the person who starts us can mend is said plainly; anything else with its trace.
  if (error instanceof EmbeddedPostgresError) console.error(error.message)
  else logger.fatal({ err: error }, 'could not start')
  process.exit(1)
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'stopping')
    stop().then(
      () => {
        logger.info('stopped')
        process.exit(0)
      },
      (error: unknown) => {
        logger.error({ err: error }, 'could not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
