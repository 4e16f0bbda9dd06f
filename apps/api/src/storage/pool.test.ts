import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/testDatabase.ts'
import { openPool } from './pool.ts'

describe('a pool of connections', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  it('R23 outlives a connection that is cut while somebody holds it between two statements', async () => {
    const pool = openPool(database.config, { max: 2, name: 'test', onConnectionLost: () => undefined })
    const held = await pool.connect()
    const ended = new Promise((resolve) => held.once('end', () => resolve(undefined)))
    await cut(pool, held)
    await ended
    // Without a listener the error event would have ended this process by now.
    await expect(held.query('SELECT 1')).rejects.toThrow()
    held.release(true)
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await pool.end()
  })

  it('tells of an idle connection that was cut, and opens another', async () => {
    const lost = Promise.withResolvers<Error>()
    const pool = openPool(database.config, { max: 2, name: 'test', onConnectionLost: lost.resolve })
    const [idle, other] = await Promise.all([pool.connect(), pool.connect()])
    idle.release()
    await cut(other, idle)
    expect((await lost.promise).message).toMatch(/terminat/)
    other.release()
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await pool.end()
  })
})

async function cut(by: Pick<pg.PoolClient, 'query'>, client: pg.PoolClient): Promise<void> {
  await by.query('SELECT pg_terminate_backend($1)', [pidOf(client)])
}

function pidOf(client: pg.PoolClient): number {
  const pid: unknown = Reflect.get(client, 'processID')
  if (typeof pid !== 'number') throw new Error('a connected client knows its process')
  return pid
}
