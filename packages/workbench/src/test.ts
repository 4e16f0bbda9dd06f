/** Everything that must hold, in one command. The last line is `N passed, N failed`. */
import { listenForStop, main } from './command.ts'
import { pool } from './pool.ts'
import { selectSteps } from './selection.ts'
import * as all from './steps.ts'
import { type StepResult, summarize } from './summary.ts'

/** These only read: they run beside each other, and their output is shown when each is done. The longest first. */
const still: all.Step[] = [all.lint, all.types, all.format, all.boundaries, all.pages]
/** These start servers and have the machine to themselves; their output is shown as it comes. */
const moving: all.Step[] = [all.unit, all.browser]
/** Two is what the smallest machine of the project has. */
const lanes = 2

await main(async () => {
  const chosen = selectSteps(
    process.argv.slice(2),
    [...still, ...moving].map((step) => step.name),
  )
  const isChosen = (step: all.Step): boolean => chosen.includes(step.name)
  const { stopped, signal } = listenForStop(() => process.exit(130))
  const context = { signal, long: false, env: process.env }

  const results: StepResult[] = await pool(lanes, still.filter(isChosen), async (step) => {
    let text = ''
    const result = await all.runStep(step, { ...context, say: (more) => void (text += more) })
    if (!signal.aborted) console.log(`${heading(step)}\n${text.trimEnd() || (result.failed ? result.note : 'nothing to say')}`)
    return result
  })
  for (const step of moving.filter(isChosen)) {
    if (signal.aborted) break
    console.log(heading(step))
    results.push(await all.runStep(step, { ...context, say: (line) => console.log(line) }))
  }
  if (signal.aborted) return stopped
  console.log(`\n${'─'.repeat(100)}\n${summarize(results)}`)
  return results.some((result) => result.failed > 0) ? 1 : 0
})

function heading(step: all.Step): string {
  return `\n── ${step.name}: ${step.title} ${'─'.repeat(Math.max(0, 94 - step.name.length - step.title.length))}`
}
