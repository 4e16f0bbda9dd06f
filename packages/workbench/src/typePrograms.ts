import { globSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDir, root, toolBin } from './paths.ts'
import { pool } from './pool.ts'
import { runNode } from './run.ts'

const patterns = ['tsconfig*.json', 'packages/*/tsconfig*.json', 'apps/*/tsconfig*.json', 'e2e/tsconfig*.json']
/** Only options; others extend it. */
const notAProgram = new Set(['tsconfig.base.json'])

/** Every tsconfig of the workspace, the slowest (Vue) first. */
export function typePrograms(): string[] {
  const files = globSync(patterns, { cwd: root }).map((file) => file.replaceAll('\\', '/'))
  return files.filter((file) => !notAProgram.has(file)).toSorted((a, b) => Number(hasVue(b)) - Number(hasVue(a)) || a.localeCompare(b))
}

/** @returns how many programs have problems; each one's name, time and problems went to `say` */
export async function checkTypes(width: number, say: (text: string) => void, signal?: AbortSignal): Promise<number> {
  await mkdir(join(cacheDir, 'types'), { recursive: true })
  const failed = await pool(width, typePrograms(), async (project) => {
    const begin = performance.now()
    const { code, output } = await runNode(compiler(project), args(project), { output: 'capture', timeoutMs: 300_000, signal })
    say(`${code === 0 ? 'ok    ' : 'FAILED'} ${project} (${((performance.now() - begin) / 1000).toFixed(1)} s)\n${output}`)
    return code !== 0
  })
  return failed.filter(Boolean).length
}

function hasVue(project: string): boolean {
  return project.startsWith('apps/checkout/')
}

function compiler(project: string): string {
  return hasVue(project) ? toolBin('vue-tsc') : toolBin('typescript-native', { bin: 'tsc' })
}

function args(project: string): string[] {
  const state = join(cacheDir, 'types', `${project.replaceAll('/', '-')}.tsbuildinfo`)
  return ['--project', project, '--noEmit', '--incremental', '--tsBuildInfoFile', state, '--pretty', 'false']
}
