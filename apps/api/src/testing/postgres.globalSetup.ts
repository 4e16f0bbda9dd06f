import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { migrateToLatest } from '../storage/migrate.ts'
import { templateDatabase } from './templateDatabase.ts'
import { startThrowAwayServer } from './throwAwayServer.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run. It listens on a Unix socket in a private directory and asks for no password. */
    postgres: { host: string; port: number; user: string }
    /** A folder for database clusters that test files copy; gone after the run. */
    clusterTemplates: string
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
  const clusterTemplates = await mkdtemp(join(tmpdir(), 'wxpay-test-clusters-'))
  await chmod(clusterTemplates, 0o755) // under root PostgreSQL runs as somebody else, who has to pass
  project.provide('postgres', server.address)
  project.provide('clusterTemplates', clusterTemplates)
  return async () => {
    await server.stop()
    await rm(clusterTemplates, { recursive: true })
  }
}
