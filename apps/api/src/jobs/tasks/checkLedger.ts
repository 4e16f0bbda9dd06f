import { checkLedger as check } from '../../commands/checkLedger.ts'
import type { TaskContext } from './taskContext.ts'

/** Once a day, after the bills have come. */
export async function checkLedger({ payments, showLedger }: TaskContext): Promise<void> {
  await check({ payments, show: showLedger })
}
