import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { base62, digits, hex, randomText } from './support/random.ts'
import { Platform } from './v3/platform.ts'

const Signing = z.object({
  /** Which of them: only certificates, each as the merchant asks (and `share` of the notices with the public key), or only the public key. */
  mode: z.enum(['cert', 'mixed', 'pubkey']),
  share: z.number().min(0).max(1),
  /** Every so manieth notice is a probe at first: WECHATPAY/SIGNTEST/. 0: none. */
  probes: z.int().nonnegative().default(0),
})
export type Signing = z.infer<typeof Signing>

const V2Merchant = z.object({
  mchid: z.string(),
  /** What the phone shows. */
  name: z.string(),
  appids: z.array(z.string()).min(1),
  /** 32 characters. Throw-away: it exists in this folder only. */
  apiKeyV2: z.string().length(32),
})
const Merchant = V2Merchant.extend({
  apiV3Key: z.string().length(32),
  merchantSerial: z.string(),
  merchantPrivateKey: z.string(),
  merchantCertificate: z.string(),
  platform: Platform,
  signing: Signing,
})
export type Merchant = z.infer<typeof Merchant>

export interface Merchants {
  readonly all: readonly Merchant[]
  find(mchid: string): Merchant | undefined
  /** Signs with a new platform certificate from now on; the one before stays listed. @throws {RangeError} for an unknown number */
  rotateCertificate(mchid: string): Promise<Merchant>
  /** @throws {RangeError} for an unknown number */
  setSigning(mchid: string, signing: Partial<Signing>): Merchant
}

const names = ['青禾书店', '海图咖啡']
/** New merchants get the public key only, since 2024. */
const newSigning: Signing = { mode: 'pubkey', share: 0.5, probes: 0 }

/** Reads the merchants of this data folder, or makes them up once. What an earlier version stored is kept and completed. */
export async function openMerchants(dir: string): Promise<Merchants> {
  const file = join(dir, 'merchants.json')
  let all = await completeAll(file)

  function replace(mchid: string, step: (merchant: Merchant) => Merchant): Merchant {
    const changed = step(must(mchid))
    all = all.map((merchant) => (merchant.mchid === mchid ? changed : merchant))
    save(file, all)
    return changed
  }

  function must(mchid: string): Merchant {
    const merchant = all.find((candidate) => candidate.mchid === mchid)
    if (!merchant) throw new RangeError('no merchant of this mock has the mchid')
    return merchant
  }

  return {
    get all() {
      return all
    },
    find: (mchid) => all.find((candidate) => candidate.mchid === mchid),
    async rotateCertificate(mchid) {
      must(mchid)
      const { newPlatformCertificate } = await import('./v3/credentials.ts')
      const fresh = await newPlatformCertificate(Date.now())
      return replace(mchid, (merchant) => {
        const certificates = [...merchant.platform.certificates, fresh].slice(-2)
        return { ...merchant, platform: { ...merchant.platform, certificates } }
      })
    },
    setSigning: (mchid, signing) => replace(mchid, (merchant) => ({ ...merchant, signing: { ...merchant.signing, ...signing } })),
  }
}

async function completeAll(file: string): Promise<Merchant[]> {
  const text = readIfThere(file)
  const known = text === undefined ? names.map(newMerchant) : z.array(z.union([Merchant, V2Merchant])).parse(JSON.parse(text))
  const all = await Promise.all(known.map(complete))
  if (text === undefined || all.some((merchant, index) => merchant !== known[index])) save(file, all)
  return all
}

async function complete(known: Merchant | z.infer<typeof V2Merchant>): Promise<Merchant> {
  if ('platform' in known) return known
  const { newCredentials } = await import('./v3/credentials.ts') // slow to load, and rarely needed
  return { ...known, ...(await newCredentials(known.mchid, Date.now())), signing: newSigning }
}

/** The file is replaced as a whole: never half a key. */
function save(file: string, merchants: readonly Merchant[]): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(merchants, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}

/** Shapes seen in the field: a merchant number of ten digits that starts with 1, an appid of wx and 16 hex digits. */
function newMerchant(name: string): z.infer<typeof V2Merchant> {
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
