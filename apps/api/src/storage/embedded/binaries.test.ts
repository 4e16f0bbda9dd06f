import { expect, it } from 'vitest'
import { findBinaries, postgresMajor } from './binaries.ts'
import { NoBinariesError } from './errors.ts'
import { ourselves, run } from './run.ts'

it('brings the major version that data directories are checked against', async () => {
  const { postgres } = await findBinaries()
  expect((await run(ourselves, postgres, ['--version'])).output).toContain(`(PostgreSQL) ${postgresMajor}.`)
})

it('says which platform has no PostgreSQL, and what to do', async () => {
  const finding = findBinaries('plan9-mips')
  await expect(finding).rejects.toBeInstanceOf(NoBinariesError)
  await expect(finding).rejects.toThrow(/plan9-mips.*DATABASE_URL/)
})
