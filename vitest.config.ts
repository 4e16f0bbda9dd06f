import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** The counted runs (`test:long`) are the files named *.long.test.ts; everything else is `test`. */
const long = process.env['LONG'] === '1'

/** Every package is a project under its own name; what is special about it stands in its own vitest.config.ts or vite.config.ts. */
const projects = globSync('{packages,apps}/*/package.json', { cwd: import.meta.dirname })
  .map((file) => join(import.meta.dirname, file, '..'))
  .toSorted()
  .map((folder) => ({
    ...ownConfig(folder),
    root: folder,
    test: {
      name: nameOf(folder),
      include: ['src/**/*.test.ts'],
      exclude: long ? [] : ['**/*.long.test.ts'],
      // Generous: machines are slow and noisy at times, and no test is about time. They tell a hang from a busy machine.
      testTimeout: long ? 600_000 : 120_000,
      hookTimeout: 120_000,
      // Projects that differ here would not run side by side.
      maxWorkers: 2,
    },
  }))

export default defineConfig({ test: { projects, maxWorkers: 2 } })

function ownConfig(folder: string): { extends?: string } {
  const file = ['vitest.config.ts', 'vite.config.ts'].map((name) => join(folder, name)).find(existsSync)
  return file === undefined ? {} : { extends: file }
}

function nameOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string }
  return manifest.name
}
