import type pg from 'pg'
import { describe, expect, it } from 'vitest'
import { initialisedDataDir, patience, temporaryDataDir } from '../../testing/embeddedPostgres.ts'
import { query } from '../../testing/query.ts'
import { limitFileSize, mountSmallDisk, type SmallDisk } from '../../testing/smallDisk.ts'

/** Commits rows, each with 400 kB of write-ahead log, until one is refused. @returns how many were acknowledged */
async function commitUntilRefused(config: pg.ClientConfig): Promise<number> {
  const statement = "INSERT INTO kept SELECT $1::int FROM pg_logical_emit_message(true, 'filler', repeat('x', 400000))"
  for (let n = 1; n < 1000; n++) {
    const refused = await query(config, statement, [n]).then(
      () => false,
      () => true,
    )
    if (refused) return n - 1
  }
  throw new Error('the disk did not get full')
}

async function expectToSurvive(disk: SmallDisk): Promise<void> {
  const user = disk.start()
  const config = await user.config
  // Its first row takes the table's page, which has room for the rest: only the write-ahead log grows.
  await query(config, 'CREATE TABLE kept AS SELECT 0 AS n')
  await disk.fill()
  const committed = await commitUntilRefused(config)
  expect(committed).toBeGreaterThan(0)

  const diskFull = expect.stringMatching(/cannot be brought back yet: The disk is full.*Nothing that was committed is lost/)
  await expect.poll(() => user.told, patience).toContainEqual(diskFull)
  await expect(disk.start().config).rejects.toThrow(/The disk is full.*DATABASE_URL/)

  await disk.free()
  await expect.poll(() => user.told, patience).toContain('the database server is back')
  const rows = await query(config, 'SELECT n FROM kept ORDER BY n')
  // The one that was refused may have reached the disk before it was full; nothing else may be there.
  expect([committed + 1, committed + 2]).toContain(rows.length)
  expect(rows.map(({ n }) => n)).toEqual(rows.map((_row, index) => index))
}

describe('when the disk is full the server stops, a start says so, and after space was freed it comes back by itself with every committed row:', () => {
  it('a full file system', async () => {
    const dataDir = await temporaryDataDir()
    await expectToSurvive((await mountSmallDisk(dataDir)) ?? (await limitFileSize(dataDir)))
  })

  it('a limit on the size of files', async () => {
    await expectToSurvive(await limitFileSize(await initialisedDataDir()))
  })
})
