import { Kysely, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import type pg from 'pg'
import { PgBoss } from 'pg-boss'
import * as checkouts from './migrations/0001-checkouts.ts'
import * as requestIds from './migrations/0002-requestIds.ts'
import * as wechatAccounts from './migrations/0003-wechatAccounts.ts'
import * as turns from './migrations/0004-turns.ts'
import * as products from './migrations/0005-products.ts'
import * as refunds from './migrations/0007-refunds.ts'
import * as bills from './migrations/0008-bills.ts'
import * as ledger from './migrations/0009-ledger.ts'
import * as operatorReads from './migrations/0010-operatorReads.ts'
import * as refundMoves from './migrations/0011-refundMoves.ts'
import { openPool } from './pool.ts'
import { createQueues } from './queues.ts'

/** A migration takes as long as it takes. When its connection is lost, the statement that needed it tells, and the start fails with that. */
const poolOptions = { max: 2, name: 'wxpay migrations', statementMs: 0, onConnectionLost: () => undefined }

const migrations = {
  '0001-checkouts': checkouts,
  '0002-requestIds': requestIds,
  '0003-wechatAccounts': wechatAccounts,
  '0004-turns': turns,
  '0005-products': products,
  '0007-refunds': refunds,
  '0008-bills': bills,
  '0009-ledger': ledger,
  '0010-operatorReads': operatorReads,
  '0011-refundMoves': refundMoves,
}

/** Brings our tables and the job queue's schema up to date. Safe when several processes do it at once. */
export async function migrateToLatest(config: pg.ClientConfig): Promise<void> {
  await migrateTables(config)
  await migrateQueue(config)
}

async function migrateTables(config: pg.ClientConfig): Promise<void> {
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: openPool(config, poolOptions) }) })
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
    const { error } = await migrator.migrateToLatest()
    if (error) throw new Error('the database could not be brought up to date', { cause: error })
  } finally {
    await db.destroy()
  }
}

async function migrateQueue(config: pg.ClientConfig): Promise<void> {
  const pool = openPool(config, poolOptions)
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    supervise: false,
    schedule: false,
  })
  try {
    await boss.start()
    await createQueues(boss)
    await boss.stop({ graceful: false })
  } finally {
    await pool.end()
  }
}
