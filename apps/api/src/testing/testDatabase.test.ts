import pg from 'pg'
import { expect, it } from 'vitest'
import { query } from './query.ts'
import { createTestDatabase } from './testDatabase.ts'

it('gives each test a database with every table, which no other test sees', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()])
  await query(one.config, 'CREATE TABLE only_here ()')
  const tables =
    "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_name IN ('orders', 'only_here', 'job')"
  await expect(query(one.config, `${tables} ORDER BY name`)).resolves.toEqual([
    { name: 'pgboss.job' },
    { name: 'public.only_here' },
    { name: 'public.orders' },
  ])
  await expect(query(other.config, `${tables} ORDER BY name`)).resolves.toEqual([{ name: 'pgboss.job' }, { name: 'public.orders' }])
  await Promise.all([one.drop(), other.drop()])
})

it('drops a database although a connection to it was left open', async () => {
  const database = await createTestDatabase()
  const left = new pg.Client(database.config)
  left.on('error', () => undefined)
  await left.connect()
  await database.drop()
  await expect(query(database.config, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' })
})
