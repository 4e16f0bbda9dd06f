import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migrateToLatest } from '../storage/migrate.ts'
import { templateDatabase } from './templateDatabase.ts'
import { startThrowAwayServer } from './throwAwayServer.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run. It listens on a Unix socket in a private directory and asks for no password. */
    postgres: { host: string; port: number; user: string }
  }
}

/** One PostgreSQL for the whole run; each test file copies the template, which is migrated once. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startThrowAwayServer()
  try {
    const admin = new pg.Client({ ...server.address, database: 'postgres' })
    await admin.connect()
    await admin.query(`CREATE DATABASE ${templateDatabase}`)
    await migrateToLatest({ ...server.address, database: templateDatabase })
    // A template with a connection on it cannot be copied, so nobody may open one.
    await admin.query(`ALTER DATABASE ${templateDatabase} IS_TEMPLATE true ALLOW_CONNECTIONS false`)
    await admin.end()
  } catch (error) {
    await server.stop()
    throw error
  }
  project.provide('postgres', server.address)
  return server.stop
}
