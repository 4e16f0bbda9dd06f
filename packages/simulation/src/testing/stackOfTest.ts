import { onTestFinished } from 'vitest'
import { type Stack, type StackOptions, startStack } from './stack.ts'

/** Stopping is quick; this only bounds what would never end. */
const endsWithinMs = 120_000

/** Starts everything for one test, and ends it with that. After a failure the folder stays: its logs tell why. */
export async function stackOfTest(options: StackOptions): Promise<Stack> {
  const stack = await startStack(options)
  onTestFinished(({ task }) => stack.end({ keepFolder: task.result?.state !== 'pass' }), endsWithinMs)
  return stack
}
