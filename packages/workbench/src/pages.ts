import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprint } from './fingerprint.ts'
import { root, toolBin } from './paths.ts'
import { runNode, type RunOptions, type RunResult } from './run.ts'

const app = 'apps/checkout'
const dist = join(root, app, 'dist')
/** Lies with the pages, so that it travels with them into an image. */
const stampFile = join(dist, '.built-from')

/** Everything that the built pages depend on. */
const inputs = [app, 'packages/wxpay-core/package.json', 'packages/wxpay-core/src', 'tsconfig.base.json', 'pnpm-lock.yaml']

/** What the pages would be built from now. */
export function pagesFingerprint(): Promise<string> {
  return fingerprint(root, inputs)
}

export async function pagesAreBuilt(wanted: string): Promise<boolean> {
  if (!existsSync(join(dist, 'index.html'))) return false
  return (await readFile(stampFile, 'utf8').catch(() => '')) === wanted
}

/** Builds into a folder aside and swaps: a server that is running never sees half of the pages, and a failed build leaves the old ones. */
export async function buildPages(stamp: string, options: Pick<RunOptions, 'output' | 'signal'> = {}): Promise<RunResult> {
  const aside = join(root, app, `node_modules/.cache/pages-${process.pid}`)
  try {
    await rm(aside, { recursive: true, force: true })
    await mkdir(aside, { recursive: true })
    const vite = toolBin('vite', { home: app })
    const args = ['build', '--outDir', join(aside, 'new'), '--emptyOutDir']
    const result = await runNode(vite, args, {
      ...options,
      cwd: join(root, app),
      env: { ...process.env, NODE_ENV: 'production' },
      timeoutMs: 300_000,
    })
    if (result.code !== 0) return result
    await writeFile(join(aside, 'new', '.built-from'), stamp)
    if (existsSync(dist)) await rename(dist, join(aside, 'old'))
    await rename(join(aside, 'new'), dist)
    return result
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

/** Builds the pages if they are missing or older than their sources. @throws {Error} when they cannot be built */
export async function ensurePages(say: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const stamp = await pagesFingerprint()
  if (await pagesAreBuilt(stamp)) {
    say('Pages: built already.')
    return
  }
  say('Pages: building (first run, or their sources have changed) …')
  const { code, output } = await buildPages(stamp, { output: 'capture', signal })
  if (code !== 0) throw new Error(`The pages could not be built:\n${output}`)
  say('Pages: built.')
}
