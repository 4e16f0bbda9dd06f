import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../../..')

/** Files that may be deleted at any time. */
export const cacheDir = join(root, 'node_modules/.cache/wxpay-checkout')

/**
 * The file behind a command of a package, to be run by our own Node: no shell, no wrapper script, the same on Windows.
 *
 * @param home - the workspace folder whose node_modules has the package
 * @throws {Error} when the package is not installed
 */
export function toolBin(packageName: string, { home = '.', bin = packageName.replace(/^@[^/]+\//, '') } = {}): string {
  const folder = join(root, home, 'node_modules', packageName)
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const bins = isObject(manifest) ? manifest['bin'] : undefined
  const file = typeof bins === 'string' ? bins : isObject(bins) ? bins[bin] : undefined
  if (typeof file !== 'string') throw new Error(`${packageName} has no command "${bin}"`)
  return join(folder, file)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
