import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { base62, digits, hex, randomText } from './support/random.ts'

const Merchant = z.object({
  mchid: z.string(),
  /** What the phone shows. */
  name: z.string(),
  appids: z.array(z.string()).min(1),
  /** 32 characters. Throw-away: it exists in this folder only. */
  apiKeyV2: z.string().length(32),
})
export type Merchant = z.infer<typeof Merchant>

const names = ['青禾书店', '海图咖啡']

/** Reads the merchants of this data folder, or makes them up once. The file is replaced as a whole: never half a key. */
export function openMerchants(dir: string): Merchant[] {
  const file = join(dir, 'merchants.json')
  const known = readIfThere(file)
  if (known !== undefined) return z.array(Merchant).parse(JSON.parse(known))
  const merchants = names.map(newMerchant)
  mkdirSync(dir, { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(merchants, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  return merchants
}

/** Shapes seen in the field: a merchant number of ten digits that starts with 1, an appid of wx and 16 hex digits. */
function newMerchant(name: string): Merchant {
  return {
    mchid: `19${randomText(digits, 8)}`,
    name,
    appids: [`wx${randomText(hex, 16)}`, `wx${randomText(hex, 16)}`],
    apiKeyV2: randomText(base62, 32),
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cause
  }
}
