import { chmod, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { serverPid, silent, temporaryDataDir } from '../../testing/embeddedPostgres.ts'
import { query } from '../../testing/query.ts'
import { findBinaries } from './binaries.ts'
import { clusterPaths } from './cluster.ts'
import { chooseIdentity } from './identity.ts'
import { ourselves, run } from './run.ts'
import { startEmbeddedPostgres } from './start.ts'

describe('PostgreSQL, which refuses root,', () => {
  it('is run by somebody who can run it, root or not', async () => {
    const { postgres } = await findBinaries()
    const somebody = await chooseIdentity({ program: postgres, directory: tmpdir() })
    expect(Number((await run(somebody, 'id', ['-u'])).output)).toBeGreaterThan(0)
    expect(process.getuid?.() === 0 || somebody === ourselves).toBe(true)
  })

  it('runs below a private folder too, and its files stay with the owner of that folder', async () => {
    const dataDir = await temporaryDataDir()
    await chmod(dataDir, 0o700)
    const { config, stop } = await startEmbeddedPostgres({ dataDir, logger: silent })
    await expect(query(config, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }])
    expect((await stat(clusterPaths(dataDir).data)).uid).toBe(process.getuid?.())
    await stop()
    expect(await serverPid(dataDir)).toBeUndefined()
  })

  it('is run by the owner of its data directory, although another user could reach it by now', async () => {
    const dataDir = await temporaryDataDir()
    await chmod(dataDir, 0o700)
    const first = await startEmbeddedPostgres({ dataDir, logger: silent })
    await first.stop()
    await chmod(dataDir, 0o755)
    const second = await startEmbeddedPostgres({ dataDir, logger: silent })
    const { uid } = await stat(clusterPaths(dataDir).data)
    expect((await stat(`/proc/${(await serverPid(dataDir)) ?? 0}`)).uid).toBe(uid)
    await second.stop()
  })
})
