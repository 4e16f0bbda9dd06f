/** The counted runs: *.long.test.ts and *.long.spec.ts. SEED=n repeats a run; without it a new seed is drawn and printed. */
import { randomInt } from 'node:crypto'
import { listenForStop, main } from './command.ts'
import * as all from './steps.ts'
import { type StepResult, summarize } from './summary.ts'

await main(async () => {
  const { stopped, signal } = listenForStop(() => process.exit(130))
  const seed = process.env['SEED'] || String(randomInt(2 ** 31))
  if (!/^\d{1,10}$/.test(seed)) throw new Error('SEED must be a whole number, for example SEED=42.')
  console.log(`SEED=${seed}`)

  const there = all.longFiles()
  const steps = [...(there.unit ? [all.unit] : []), ...(there.browser ? [all.browser] : [])]
  if (steps.length === 0) throw new Error('There are no *.long.test.ts and no *.long.spec.ts files.')
  const results: StepResult[] = []
  for (const step of steps) {
    if (signal.aborted) return stopped
    console.log(`\n── ${step.name}: ${step.title}`)
    results.push(await all.runStep(step, { signal, long: true, env: { ...process.env, SEED: seed }, say: (line) => console.log(line) }))
  }
  console.log(`\nRepeat with SEED=${seed}\n${summarize(results)}`)
  return results.some((result) => result.failed > 0) ? 1 : 0
})
