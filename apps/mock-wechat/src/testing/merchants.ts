import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMerchants } from '../merchants.ts'

let made: Promise<string> | undefined

/** Gives a data folder its merchants. RSA keys are slow to make: one set serves every test of a worker, and no test changes the original. */
export async function provideMerchants(dataDir: string): Promise<void> {
  made ??= makeMerchants()
  const dir = join(dataDir, 'mock-wechat')
  mkdirSync(dir, { recursive: true })
  const text = await made
  try {
    writeFileSync(join(dir, 'merchants.json'), text, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause // a second start in the same folder
  }
}

async function makeMerchants(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'mock-wechat-'))
  await openMerchants(dir)
  const text = readFileSync(join(dir, 'merchants.json'), 'utf8')
  rmSync(dir, { recursive: true })
  return text
}
