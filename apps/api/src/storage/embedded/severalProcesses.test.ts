import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { initialisedDataDir, killServer, patience, serverPid, temporaryDataDir } from '../../testing/embeddedPostgres.ts'
import { startEmbeddedChild } from '../../testing/embeddedPostgresChild.ts'
import { query } from '../../testing/query.ts'
import { clusterPaths } from './cluster.ts'

const startedAt = 'SELECT pg_postmaster_start_time() AS at'

it('three first starts at once end at one server, and throw away what they made for nothing', async () => {
  const dataDir = await temporaryDataDir()
  const children = [startEmbeddedChild(dataDir), startEmbeddedChild(dataDir), startEmbeddedChild(dataDir)]
  const configs = await Promise.all(children.map(({ config }) => config))

  const [first, ...others] = await Promise.all(configs.map((config) => query(config, startedAt)))
  expect(others).toEqual([first, first])
  expect(await readdir(dataDir)).toEqual(['postgres'])
})

it('three starts at once after a crash end at one server', async () => {
  const dataDir = await initialisedDataDir()
  const before = startEmbeddedChild(dataDir)
  await before.config
  await before.kill()
  await killServer(dataDir)

  const children = [startEmbeddedChild(dataDir), startEmbeddedChild(dataDir), startEmbeddedChild(dataDir)]
  const configs = await Promise.all(children.map(({ config }) => config))
  const [first, ...others] = await Promise.all(configs.map((config) => query(config, startedAt)))
  expect(others).toEqual([first, first])
})

it('the server outlives a parent killed with -9, and the next start joins it', async () => {
  const dataDir = await initialisedDataDir()
  const first = startEmbeddedChild(dataDir)
  const before = await query(await first.config, startedAt)
  await first.kill()

  const second = startEmbeddedChild(dataDir)
  await expect(query(await second.config, startedAt)).resolves.toEqual(before)
  await second.stop()
  expect(await serverPid(dataDir)).toBeUndefined()
})

it('the last one out stops the server; those who leave earlier leave it running', async () => {
  const dataDir = await initialisedDataDir()
  const first = startEmbeddedChild(dataDir)
  await first.config
  const second = startEmbeddedChild(dataDir)
  const config = await second.config

  await first.stop()
  await expect(query(config, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
  await second.stop()
  expect(await serverPid(dataDir)).toBeUndefined()
})

it('a start that meets the last one stopping gets a running server all the same', async () => {
  const dataDir = await initialisedDataDir()
  for (let round = 1; round <= 3; round++) {
    const leaving = startEmbeddedChild(dataDir)
    await leaving.config
    const coming = startEmbeddedChild(dataDir)
    await leaving.stop()
    await expect(query(await coming.config, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
    await coming.stop()
  }
})

it('a start killed half-way leaves nothing under the real name, and the next one begins anew', async () => {
  const dataDir = await temporaryDataDir()
  const killed = startEmbeddedChild(dataDir)
  await vi.waitUntil(() => isHalfMade(dataDir), { ...patience, interval: 2 })
  await killed.kill()
  expect(existsSync(clusterPaths(dataDir).root)).toBe(false)

  const next = startEmbeddedChild(dataDir)
  await expect(query(await next.config, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
})

async function isHalfMade(dataDir: string): Promise<boolean> {
  return (await readdir(dataDir)).some((name) => name.startsWith('postgres.init-') && existsSync(join(dataDir, name, 'data', 'base')))
}
