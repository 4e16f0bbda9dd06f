import { globSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findChromium, findChineseFont } from './chromium.ts'
import { buildPages, ensurePages, pagesFingerprint } from './pages.ts'
import { type Failure, failuresOfPlaywright, failuresOfVitest } from './failures.ts'
import { cacheDir, root, toolBin } from './paths.ts'
import { type Count, countPlaywright, countVitest } from './reports.ts'
import { runNode } from './run.ts'
import { withScratch } from './scratch.ts'
import { judge, type StepResult, verdict } from './summary.ts'
import { checkTypes } from './typePrograms.ts'

type Outcome = Count & { note: string; failures: Failure[] }

export interface StepContext {
  /** A line or a block of what the step has to tell. */
  say: (text: string) => void
  signal: AbortSignal
  /** The counted runs: *.long.test.ts and *.long.spec.ts instead of the others. */
  long: boolean
  env: NodeJS.ProcessEnv
}

export interface Step {
  name: string
  title: string
  run(context: StepContext): Promise<Outcome>
}

const minutes = 60_000
const failed = (note: string): Outcome => ({ ...verdict(false), note, failures: [] })
const ok = (passed: boolean): Outcome => ({ ...verdict(passed), note: '', failures: [] })

export const types: Step = {
  name: 'types',
  title: 'TypeScript, every package',
  run: async ({ say, signal }) => ok((await checkTypes(1, say, signal)) === 0),
}

export const lint = tool(
  'lint',
  'oxlint with types, ESLint; .vue too',
  { packageName: 'oxlint', args: ['.'] },
  {
    packageName: 'eslint',
    args: ['.', '--max-warnings=0', '--cache', '--cache-strategy=content', `--cache-location=${join(cacheDir, 'eslint')}`],
  },
)
export const format = tool('format', 'oxfmt', { packageName: 'oxfmt', args: ['--check', '.'] })
export const boundaries = tool('boundaries', 'who may import whom', {
  packageName: 'dependency-cruiser',
  args: ['apps', 'packages', 'e2e', '--config', '.dependency-cruiser.cjs'],
})

/** Always built anew: a test of pages that were built from other sources proves nothing. */
export const pages: Step = {
  name: 'pages',
  title: 'Vite build',
  run: async ({ say, signal }) => {
    const { code, output } = await buildPages(await pagesFingerprint(), { output: 'capture', signal })
    say(output)
    return ok(code === 0)
  },
}

export const unit: Step = {
  name: 'unit',
  title: 'vitest: unit, storage, conformance',
  run: async ({ signal, long, env }) => {
    const report = await freshReport('vitest')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const filter = long ? ['.long.test.'] : []
    return withScratch(async (scratch) => {
      const ours = { LONG: long ? '1' : '', TMPDIR: scratch, NODE_COMPILE_CACHE: join(cacheDir, 'compiled') }
      const options = { env: { ...env, ...ours }, timeoutMs: (long ? 120 : 20) * minutes, signal }
      const { code } = await runNode(toolBin('vitest'), ['run', ...filter, ...reporters], options)
      return counted(report, { count: countVitest, failures: failuresOfVitest }, code)
    })
  },
}

export const browser: Step = {
  name: 'browser',
  title: 'Playwright, real processes, real Chromium',
  run: async ({ say, signal, long, env }) => {
    await ensurePages(say, signal)
    const chromium = await findChromium({ say, signal })
    await findChineseFont({ say, signal })
    const report = await freshReport('playwright')
    return withScratch(async (scratch) => {
      const options = {
        env: { ...env, LONG: long ? '1' : '', CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: report, TMPDIR: scratch },
        timeoutMs: (long ? 120 : 30) * minutes,
        signal,
      }
      const { code } = await runNode(
        toolBin('@playwright/test', { home: 'e2e', bin: 'playwright' }),
        ['test', '--config', 'e2e/playwright.config.ts'],
        options,
      )
      return counted(report, { count: countPlaywright, failures: failuresOfPlaywright }, code)
    })
  },
}

export function longFiles(): { unit: boolean; browser: boolean } {
  return {
    unit: globSync('{apps,packages}/*/src/**/*.long.test.ts', { cwd: root }).length > 0,
    browser: globSync('e2e/specs/**/*.long.spec.ts', { cwd: root }).length > 0,
  }
}

/** Runs a step; what it throws is its failure. */
export async function runStep(step: Step, context: StepContext): Promise<StepResult> {
  const begin = performance.now()
  const outcome = await step.run(context).catch((error: unknown) => failed(error instanceof Error ? error.message : String(error)))
  return { name: step.name, ...outcome, ms: performance.now() - begin }
}

/** Each of the tools has its say, whatever the one before has found. */
function tool(name: string, title: string, ...commands: { packageName: string; args: string[] }[]): Step {
  return {
    name,
    title,
    run: async ({ say, signal }) => {
      let passed = true
      for (const { packageName, args } of commands) {
        const { code, output } = await runNode(toolBin(packageName), args, { output: 'capture', timeoutMs: 10 * minutes, signal })
        say(output)
        passed &&= code === 0
      }
      return ok(passed)
    },
  }
}

/** An old report must not be taken for this run's. */
async function freshReport(name: string): Promise<string> {
  await mkdir(cacheDir, { recursive: true })
  const file = join(cacheDir, `${name}.json`)
  await rm(file, { force: true })
  return file
}

interface Reading {
  count(report: unknown): Count
  failures(report: unknown): Failure[]
}

async function counted(file: string, read: Reading, code: number): Promise<Outcome> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return failed(`ended with ${code} and wrote no report`)
  const report: unknown = JSON.parse(text)
  return { ...judge(read.count(report), code), failures: read.failures(report) }
}
