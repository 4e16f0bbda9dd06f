import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { initialisedDataDir, silent, temporaryDataDir } from '../../testing/embeddedPostgres.ts'
import { startEmbeddedChild } from '../../testing/embeddedPostgresChild.ts'
import { findBinaries } from './binaries.ts'
import { type ClusterPaths, clusterPaths } from './cluster.ts'
import { UnusableDirectoryError } from './errors.ts'
import { chooseIdentity } from './identity.ts'
import { ourselves, run } from './run.ts'
import { startEmbeddedPostgres } from './start.ts'

/** Starts, expects a refusal, and expects that no file was touched. */
async function refusal(dataDir: string): Promise<string> {
  const before = await snapshot(dataDir)
  const error: unknown = await startEmbeddedPostgres({ dataDir, logger: silent }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(UnusableDirectoryError)
  expect(await snapshot(dataDir)).toBe(before)
  return error instanceof Error ? error.message : ''
}

/** Names, sizes, modes, owners and times of everything in it. */
async function snapshot(directory: string): Promise<string> {
  return (await run(ourselves, 'ls', ['-lARn', '--time-style=full-iso', directory])).output
}

async function initialised(): Promise<{ dataDir: string; paths: ClusterPaths }> {
  const dataDir = await initialisedDataDir()
  const postgres = await startEmbeddedPostgres({ dataDir, logger: silent })
  await postgres.stop()
  return { dataDir, paths: clusterPaths(dataDir) }
}

describe('a directory that is not ours is refused in words that name it, the reason and DATABASE_URL, and is not touched:', () => {
  it('a folder with other files', async () => {
    const dataDir = await temporaryDataDir()
    const { root } = clusterPaths(dataDir)
    await mkdir(root)
    await writeFile(join(root, 'thesis.txt'), 'years of work')
    const message = await refusal(dataDir)
    expect(message).toContain(root)
    expect(message).toContain('files that are not ours (thesis.txt)')
    expect(message).toContain('DATABASE_URL')
  })

  it('a data directory of another PostgreSQL as DATA_DIR', async () => {
    const dataDir = await temporaryDataDir()
    await writeFile(join(dataDir, 'PG_VERSION'), '15\n')
    expect(await refusal(dataDir)).toMatch(/another PostgreSQL.*DATABASE_URL/)
  })

  it('a database made by another major version', async () => {
    const { dataDir, paths } = await initialised()
    await writeFile(join(paths.data, 'PG_VERSION'), '15\n')
    expect(await refusal(dataDir)).toMatch(/made by PostgreSQL 15, and this is 18.*DATABASE_URL/)
  })

  it('a database without its password', async () => {
    const { dataDir, paths } = await initialised()
    await rm(paths.password)
    expect(await refusal(dataDir)).toMatch(/"password" is missing.*DATABASE_URL/)
  })

  it('a database that others may enter', async () => {
    const { dataDir, paths } = await initialised()
    await chmod(paths.data, 0o755)
    expect(await refusal(dataDir)).toMatch(/0755.*0700.*DATABASE_URL/)
  })

  it('a file where a folder should be', async () => {
    const dataDir = await temporaryDataDir()
    await writeFile(clusterPaths(dataDir).root, '')
    expect(await refusal(dataDir)).toMatch(/is a file.*DATABASE_URL/)
    await expect(startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), logger: silent })).rejects.toThrow(/is a file.*DATABASE_URL/)
  })

  it('a folder of another user', async () => {
    const dataDir = await temporaryDataDir()
    await chmod(dataDir, 0o755)
    await mkdir(clusterPaths(dataDir).root, { mode: 0o000 })
    // Root may read everything: then somebody else has to try.
    const somebody = await chooseIdentity({ program: (await findBinaries()).postgres, directory: dataDir })
    const before = await snapshot(dataDir)
    await expect(startEmbeddedChild(dataDir, somebody).config).rejects.toThrow(/belongs to another user.*DATABASE_URL/)
    expect(await snapshot(dataDir)).toBe(before)
  })

  it('a place where nothing can be made', async () => {
    // The kernel's own file system: nobody makes a folder in it, root neither.
    const start = startEmbeddedPostgres({ dataDir: '/sys/wxpay', logger: silent })
    await expect(start).rejects.toBeInstanceOf(UnusableDirectoryError)
    await expect(start).rejects.toThrow(/\/sys\/wxpay cannot be used.*DATABASE_URL/)
  })
})
