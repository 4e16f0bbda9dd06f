import { BadSettingsError, loadConfig } from '../config.ts'
import type { PaymentContext } from '../commands/context.ts'
import { describeError } from '../support/redact.ts'
import { createLogger } from '../support/logger.ts'
import { openTools } from '../wiring.ts'

/**
 * Runs a command of the shell with the settings of the service.
 *
 * @param tool - returns the exit code: 0 done, 1 the answer is no, 2 called wrongly
 */
export async function runTool(tool: (payments: PaymentContext) => Promise<number>): Promise<void> {
  try {
    const { payments, close } = await openTools(loadConfig(process.env), createLogger({ level: 'error' }))
    try {
      process.exitCode = await tool(payments)
    } finally {
      await close()
    }
  } catch (error) {
    // Not the error itself: what WeChat sent hangs on it, with openids.
    console.error(error instanceof BadSettingsError ? error.message : JSON.stringify(describeError(error), null, 2))
    process.exitCode = 1
  }
}
