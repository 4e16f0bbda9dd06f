import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'

/** The PostgreSQL server that the API runs under its DATA_DIR, and how to reach it. */
export function embeddedDatabase(dataDir: string): { pid: number; config: pg.ClientConfig } {
  const root = join(dataDir, 'postgres')
  // https://www.postgresql.org/docs/18/storage-file-layout.html: pid, data directory, start, port, socket directory, address
  const [pid = '', , , port = '', socketDirectory = '', address = ''] = readFileSync(join(root, 'data/postmaster.pid'), 'utf8').split('\n')
  const config = {
    host: socketDirectory || address,
    port: Number(port),
    user: 'app',
    password: readFileSync(join(root, 'password'), 'utf8'),
    database: 'wxpay',
  }
  return { pid: Number(pid), config }
}
