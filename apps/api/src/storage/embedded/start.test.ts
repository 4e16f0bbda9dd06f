import { stat } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { initialisedDataDir, patience, serverPid, silent, temporaryDataDir } from '../../testing/embeddedPostgres.ts'
import { query } from '../../testing/query.ts'
import { clusterPaths } from './cluster.ts'
import { startEmbeddedPostgres } from './start.ts'

it('makes a database that keeps what it was given, on a first start', async () => {
  const dataDir = await temporaryDataDir()
  const postgres = await startEmbeddedPostgres({ dataDir, logger: silent })

  const asked = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'server_encoding', 'listen_addresses']
  const settings = await query(postgres.config, 'SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [asked])
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    data_checksums: 'on',
    server_encoding: 'UTF8',
    listen_addresses: '',
  })
  await expect(query(postgres.config, 'SELECT current_database() AS database')).resolves.toEqual([{ database: 'wxpay' }])
  await postgres.stop()
})

it('asks for the password, which is in a file for its owner alone', async () => {
  const dataDir = await initialisedDataDir()
  const { config, stop } = await startEmbeddedPostgres({ dataDir, logger: silent })
  await expect(query({ ...config, password: 'another' }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  expect((await stat(clusterPaths(dataDir).password)).mode & 0o777).toBe(0o600)
  await stop()
})

it('has every row after a stop and a start, at the same address with the same password', async () => {
  const dataDir = await initialisedDataDir()
  const first = await startEmbeddedPostgres({ dataDir, logger: silent })
  await query(first.config, 'CREATE TABLE kept AS SELECT 1 AS fen')
  await first.stop()
  expect(await serverPid(dataDir)).toBeUndefined()

  const second = await startEmbeddedPostgres({ dataDir, logger: silent })
  expect(second.config).toEqual(first.config)
  await expect(query(second.config, 'SELECT fen FROM kept')).resolves.toEqual([{ fen: 1 }])
  await second.stop()
})

it('stops once, however often it is asked', async () => {
  const dataDir = await initialisedDataDir()
  const { stop } = await startEmbeddedPostgres({ dataDir, logger: silent })
  await Promise.all([stop(), stop()])
  await stop()
  await expect.poll(() => serverPid(dataDir), patience).toBeUndefined()
})
