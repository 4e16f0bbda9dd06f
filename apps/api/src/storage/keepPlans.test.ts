import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/testDatabase.ts'
import { keepPlans } from './keepPlans.ts'
import { openPool } from './pool.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

describe('a pool that keeps plans', () => {
  let pool: pg.Pool
  let client: pg.PoolClient
  beforeEach(async () => {
    pool = openPool(database.config, { max: 2, name: 'test', onConnectionLost: () => undefined })
    keepPlans(pool)
    client = await pool.connect()
    return async () => {
      client.release()
      await pool.end()
    }
  })

  async function often(text: string, on = client): Promise<unknown[]> {
    const sent: unknown[] = []
    for (let times = 0; times < 10; times += 1) sent.push((await on.query<Record<string, unknown>>(text, [times])).rows[0])
    return sent
  }

  async function keptOn(connection: pg.PoolClient): Promise<unknown[]> {
    return (await connection.query<{ name: string; statement: string }>('SELECT name, statement FROM pg_prepared_statements ORDER BY name'))
      .rows
  }

  it('keeps the plan of a statement that comes often, and answers as without', async () => {
    const sum = 'SELECT $1::int + 1 AS sum'
    expect(await often(sum)).toEqual(Array.from({ length: 10 }, (_, times) => ({ sum: times + 1 })))
    expect(await keptOn(client)).toEqual([{ name: 'kept_1', statement: sum }])
    const other = await pool.connect()
    expect((await other.query(sum, [1])).rows).toEqual([{ sum: 2 }])
    expect(await keptOn(other)).toEqual([{ name: 'kept_1', statement: sum }])
    other.release()
  })

  it('keeps none of a statement that came seldom', async () => {
    await client.query('SELECT $1::int + 2 AS sum', [1])
    expect(await keptOn(client)).toEqual([])
  })

  it('keeps a plan whose table gets another column, and reads on', async () => {
    await pool.query('CREATE TABLE things (id int, name text)')
    await pool.query("INSERT INTO things VALUES (7, 'seven')")
    const named = 'SELECT "id", "name" FROM things WHERE id > $1::int - 100'
    await often(named)
    expect(await keptOn(client)).toHaveLength(1)
    await pool.query('ALTER TABLE things ADD COLUMN colour text')
    expect((await client.query(named, [1])).rows).toEqual([{ id: 7, name: 'seven' }])
  })

  it.each([
    'select * from wide where id > $1::int - 100',
    'select "wide".* from wide where id > $1::int - 100',
    'insert into wide values ($1::int) returning *',
    'SELECT DISTINCT * FROM wide WHERE id > $1::int - 100',
    'select "id", "wide"."id", "wide".* from wide where id > $1::int - 100',
  ])('keeps no plan that another column would break: %s', async (everything) => {
    await pool.query('DROP TABLE IF EXISTS wide')
    await pool.query('CREATE TABLE wide (id int)')
    await pool.query('INSERT INTO wide VALUES (0)')
    await often(everything)
    await pool.query('ALTER TABLE wide ADD COLUMN colour text')
    expect((await client.query(everything, [0])).rows[0]).toEqual({ id: 0, colour: null })
    expect(await keptOn(client)).toEqual([])
  })

  it('keeps none of a statement that is to be planned each time, and counts rows with one that is kept', async () => {
    await often('SELECT $1::int AS one /* planned each time */')
    expect(await keptOn(client)).toEqual([])
    await often('SELECT count(*) FROM pg_class WHERE oid = $1')
    expect(await keptOn(client)).toHaveLength(1)
  })

  it('keeps no plans on a connection where PostgreSQL could not use one any more', async () => {
    await pool.query('CREATE TABLE numbers (id int, size int)')
    await pool.query('INSERT INTO numbers VALUES (1, 5)')
    const named = 'SELECT "size" FROM numbers WHERE id > $1::int - 100'
    await often(named)
    await pool.query('ALTER TABLE numbers ALTER COLUMN size TYPE text')
    await expect(client.query(named, [1])).rejects.toThrow('cached plan must not change result type')
    expect((await client.query(named, [1])).rows).toEqual([{ size: '5' }])
    await client.query('DEALLOCATE ALL')
    expect((await client.query(named, [1])).rows).toEqual([{ size: '5' }])
  })

  it('goes on after a statement that failed, in a transaction that is given up', async () => {
    const division = 'SELECT 1 / $1::int AS part'
    await client.query('BEGIN')
    await expect(often(division)).rejects.toThrow('division by zero')
    await client.query('ROLLBACK')
    for (let times = 1; times < 10; times += 1) expect((await client.query(division, [1])).rows).toEqual([{ part: 1 }])
    expect(await keptOn(client)).toHaveLength(1)
  })

  it('keeps two hundred at most, of statements without end', async () => {
    for (let which = 0; which < 210; which += 1) await often(`SELECT $1::int + ${which} AS sum`)
    expect(await keptOn(client)).toHaveLength(200)
  })
})
