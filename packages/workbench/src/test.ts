/** Everything that must hold, in one command. The last line is `N passed, N failed`. */
import { listenForStop, main } from './command.ts'
import { pool } from './pool.ts'
import { selectSteps } from './selection.ts'
import * as all from './steps.ts'
import { type StepResult, summarize } from './summary.ts'

/** These only read: they run beside each other, and their output is shown when each is done. The longest first. */
const still: all.Step[] = [all.types, all.boundaries, all.pages, all.format]
/** These start servers; their output is shown as it comes. */
const moving: all.Step[] = [all.unit, all.browser]
/** Only reads, and takes long: it has what the first of those leave of the machine, and is shown after it. */
const aside = all.lint
/** Two is what the smallest machine of the project has. */
const lanes = 2

await main(async () => {
  const chosen = selectSteps(
    process.argv.slice(2),
    [aside, ...still, ...moving].map((step) => step.name),
  )
  const isChosen = (step: all.Step): boolean => chosen.includes(step.name)
  const { stopped, signal } = listenForStop(() => process.exit(130))
  const context = { signal, long: false, env: process.env }

  const results: StepResult[] = await pool(lanes, still.filter(isChosen), async (step) => {
    const { result, show } = await runQuietly(step)
    show()
    return result
  })
  const lint = isChosen(aside) ? runQuietly(aside) : undefined
  const [first, ...others] = moving.filter(isChosen)
  if (first) await runAloud(first)
  if (lint) {
    const { result, show } = await lint
    results.push(result)
    show()
  }
  for (const step of others) await runAloud(step)
  if (signal.aborted) return stopped
  console.log(`\n${'─'.repeat(100)}\n${summarize(results)}`)
  return results.some((result) => result.failed > 0) ? 1 : 0

  async function runQuietly(step: all.Step): Promise<{ result: StepResult; show: () => void }> {
    let text = ''
    const result = await all.runStep(step, { ...context, say: (more) => void (text += more) })
    const show = () => {
      if (!signal.aborted) console.log(`${heading(step)}\n${text.trimEnd() || (result.failed ? result.note : 'nothing to say')}`)
    }
    return { result, show }
  }

  async function runAloud(step: all.Step): Promise<void> {
    if (signal.aborted) return
    console.log(heading(step))
    results.push(await all.runStep(step, { ...context, say: (line) => console.log(line) }))
  }
})

function heading(step: all.Step): string {
  return `\n── ${step.name}: ${step.title} ${'─'.repeat(Math.max(0, 94 - step.name.length - step.title.length))}`
}
