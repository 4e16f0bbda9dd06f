import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint } from './fingerprint.ts'

describe('the fingerprint of the sources', () => {
  let base: string
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'fingerprint-'))
    await put('app/a.ts', 'one')
    await put('app/deep/b.vue', 'two')
    await put('lock.yaml', '1')
  })
  afterEach(() => rm(base, { recursive: true, force: true }))

  async function put(path: string, text: string): Promise<void> {
    await mkdir(join(base, path, '..'), { recursive: true })
    await writeFile(join(base, path), text)
  }
  const take = (): Promise<string> => fingerprint(base, ['app', 'lock.yaml'])

  it('is the same for the same files', async () => {
    const before = await take()
    await put('app/a.ts', 'one')
    expect(await take()).toBe(before)
    expect(before).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each([
    ['a byte changes', () => put('app/deep/b.vue', 'twO')],
    ['a file is added', () => put('app/c.ts', '')],
    ['a single file that was named changes', () => put('lock.yaml', '2')],
    ['a file is renamed', () => rm(join(base, 'app/a.ts')).then(() => put('app/z.ts', 'one'))],
    ['bytes move from one file to the next', () => put('app/a.ts', 'on').then(() => put('app/deep/b.vue', 'etwo'))],
  ])('is another one when %s', async (_, change) => {
    const before = await take()
    await change()
    expect(await take()).not.toBe(before)
  })

  it.each(['app/node_modules/x/index.js', 'app/dist/index.html', 'elsewhere/x.ts'])('takes no notice of %s', async (path) => {
    const before = await take()
    await put(path, 'anything')
    expect(await take()).toBe(before)
  })

  it('fails when an input is missing, rather than calling nothing unchanged', async () => {
    await expect(fingerprint(base, ['not-there'])).rejects.toThrow('ENOENT')
  })
})
