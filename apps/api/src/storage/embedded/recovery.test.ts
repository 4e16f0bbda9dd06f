import { expect, it } from 'vitest'
import { initialisedDataDir, killServer, patience, serverPid, silent } from '../../testing/embeddedPostgres.ts'
import { startEmbeddedChild } from '../../testing/embeddedPostgresChild.ts'
import { query } from '../../testing/query.ts'
import { startEmbeddedPostgres } from './start.ts'

it('a server killed with -9 comes back by itself at the same address, with every committed row', async () => {
  const dataDir = await initialisedDataDir()
  const told: string[] = []
  const tell = (_fields: object, message: string) => void told.push(message)
  const { config, stop } = await startEmbeddedPostgres({ dataDir, logger: { info: tell, warn: tell, error: tell } })
  await query(config, 'CREATE TABLE kept (n int)')
  for (const n of [1, 2]) {
    await query(config, 'INSERT INTO kept VALUES ($1)', [n])
    await killServer(dataDir)
    const rows = () => query(config, 'SELECT count(*)::int AS rows FROM kept').catch(() => undefined)
    await expect.poll(rows, patience).toEqual([{ rows: n }])
  }
  await stop()
  expect(await serverPid(dataDir)).toBeUndefined()
  expect(told).toContain('the database server is gone; bringing it back')
  expect(told).toContain('the database server is back')
})

it('all processes that use a killed server find themselves at one server again, and the last one out stops it', async () => {
  const dataDir = await initialisedDataDir()
  const children = [startEmbeddedChild(dataDir), startEmbeddedChild(dataDir)]
  const [config] = await Promise.all(children.map((child) => child.config))
  if (!config) throw new Error('two children were started')
  await killServer(dataDir)

  const holders = "SELECT count(*)::int AS holders FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted"
  await expect.poll(() => query(config, holders).catch(() => undefined), patience).toEqual([{ holders: 2 }])
  await Promise.all(children.map((child) => child.stop()))
  expect(await serverPid(dataDir)).toBeUndefined()
})

it('a crash of everything at once loses no committed row', async () => {
  const dataDir = await initialisedDataDir()
  const child = startEmbeddedChild(dataDir)
  const before = await child.config
  await query(before, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n')
  await child.kill()
  await killServer(dataDir)

  const { config, stop } = await startEmbeddedPostgres({ dataDir, logger: silent })
  await expect(query(config, 'SELECT count(*)::int AS rows FROM kept')).resolves.toEqual([{ rows: 1000 }])
  await stop()
})

it('stop ends the attempts to bring a server back', async () => {
  const dataDir = await initialisedDataDir()
  const { stop } = await startEmbeddedPostgres({ dataDir, logger: silent })
  await killServer(dataDir)
  await stop()
  expect(await serverPid(dataDir)).toBeUndefined()
})
