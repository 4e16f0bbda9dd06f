import { existsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withScratch } from './scratch.ts'

describe('a folder for the temporary files of tests', () => {
  it('is open to every user of the machine, as the system’s own is, and gone with everything in it afterwards', async () => {
    const folder = await withScratch((made) => {
      writeFileSync(join(made, 'left behind'), '')
      expect(statSync(made).mode & 0o7777).toBe(0o1777)
      return Promise.resolve(made)
    })
    expect(existsSync(folder)).toBe(false)
  })

  it('is gone when the work failed, which is told', async () => {
    let folder = ''
    const work = withScratch((made) => {
      folder = made
      return Promise.reject(new Error('the work failed'))
    })
    await expect(work).rejects.toThrow('the work failed')
    expect(existsSync(folder)).toBe(false)
  })

  it('lies with the other temporary files where no memory is mounted', async () => {
    expect(dirname(await withScratch((made) => Promise.resolve(made), '/no/such/folder'))).toBe(tmpdir())
  })
})
