import type pg from 'pg'
import type { Config } from '../config.ts'
import { openBillStore, type BillStore } from '../storage/billStore.ts'
import { openDatabase, type Database } from '../storage/database.ts'
import { startEmbeddedPostgres } from '../storage/embedded/start.ts'
import type { Logger } from '../support/logger.ts'
import type { Stops } from '../support/stops.ts'

/** Connections of each kind. Notices have their own, so that nothing else can make them wait (rule R25), and so have jobs and bills. */
export const connections = { shared: 12, notices: 6, jobs: 6, bills: 4, queue: 4, tools: 2 }

/** The same database over connections of each kind. */
export interface Databases {
  shared: Database
  notices: Database
  jobs: Database
  bills: BillStore
}

export function openDatabases(config: pg.PoolConfig, { logger, stops }: { logger: Logger; stops: Stops }): Databases {
  const onConnectionLost = tellOfLoss(logger)
  const open = (name: string, max: number): Database => {
    const opened = openDatabase({ config, max, name, onConnectionLost })
    stops.add(() => opened.destroy())
    return opened
  }
  const shared = open('wxpay', connections.shared)
  const notices = open('wxpay notices', connections.notices)
  const jobs = open('wxpay jobs at work', connections.jobs)
  const bills = openBillStore({ config, max: connections.bills, onConnectionLost })
  stops.add(bills.close)
  return { shared, notices, jobs, bills }
}

/** The server of the settings, or one of our own. */
export async function openPostgres(config: Config, logger: Logger): Promise<{ config: pg.PoolConfig; stop(): Promise<void> }> {
  if (config.databaseUrl === null) return startEmbeddedPostgres({ dataDir: config.dataDir, logger })
  return { config: { connectionString: config.databaseUrl }, stop: () => Promise.resolve() }
}

export function tellOfLoss(logger: Logger): (error: Error) => void {
  return (error) => logger.warn({ err: error }, 'a database connection was lost')
}
