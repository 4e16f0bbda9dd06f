import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { base62, hex, randomText } from '../support/random.ts'
import { Owner, type Account } from './account.ts'
import { firstFollowers } from './people.ts'

/** An account and whose it is. */
export interface Owned {
  owner: Owner
  account: Account
}

export type Accounts = ReturnType<typeof openAccounts>
type MerchantNumbers = readonly { mchid: string; appids: readonly string[] }[]
type Patch = { [Key in keyof Account]?: Account[Key] | undefined }
type OwnerSettings = Partial<Pick<Owner, 'scanUrl' | 'h5Domains' | 'refundUrl'>>

/** Reads the accounts of this data folder, and makes up those that are missing: secrets survive a restart. */
export function openAccounts(dir: string, merchants: MerchantNumbers) {
  const file = join(dir, 'accounts.json')
  const stored = readStored(file)
  let owners = merchants.map((merchant) => stored.find((owner) => fits(owner, merchant)) ?? newOwner(merchant))
  if (owners.some((owner) => !stored.includes(owner))) save(file, owners)

  function find(appid: string): Owned | undefined {
    for (const owner of owners) {
      const account = owner.accounts.find((candidate) => candidate.appid === appid)
      if (account) return { owner, account }
    }
    return undefined
  }

  function replace(mchid: string, step: (owner: Owner) => Owner): void {
    owners = owners.map((owner) => (owner.mchid === mchid ? step(owner) : owner))
    save(file, owners)
  }

  return {
    all: (): readonly Owner[] => owners,
    of: (mchid: string): Owner | undefined => owners.find((owner) => owner.mchid === mchid),
    find,
    /** What is absent or undefined stays. */
    change(appid: string, patch: Patch): void {
      const mchid = find(appid)?.owner.mchid
      if (mchid === undefined) throw new RangeError('no account has the appid')
      const changed = (account: Account) => (account.appid === appid ? { ...account, ...defined(patch) } : account)
      replace(mchid, (owner) => ({ ...owner, accounts: owner.accounts.map(changed) }))
    },
    changeOwner: (mchid: string, patch: OwnerSettings): void => replace(mchid, (owner) => ({ ...owner, ...patch })),
  }
}

const defined = (patch: Patch) => Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))

const fits = (owner: Owner, { mchid, appids }: MerchantNumbers[number]) =>
  owner.mchid === mchid && owner.accounts.every(({ appid }, index) => appid === appids[index])

const kinds = ['official-account', 'mini-program'] as const

function newOwner({ mchid, appids }: MerchantNumbers[number]): Owner {
  const accounts = kinds.flatMap((kind, index) => {
    const appid = appids[index]
    return appid === undefined ? [] : [newAccount(kind, appid)]
  })
  return { mchid, scanUrl: null, h5Domains: null, refundUrl: null, accounts }
}

/** Shapes as in WeChat's console. The 43 characters of the key stand for 32 bytes and two bits that nobody looks at. */
function newAccount(kind: Account['kind'], appid: string): Account {
  return {
    kind,
    appid,
    originalId: `gh_${randomText(hex, 12)}`,
    secret: randomText(hex, 32),
    token: randomText(base62, 32),
    aesKey: randomText(base62, 43),
    messagesUrl: null,
    mode: 'safe',
    format: 'xml',
    oauthDomain: null,
    jsDomains: null,
    scopes: ['snsapi_base', 'snsapi_userinfo'],
    ipList: null,
    followers: [...firstFollowers],
  }
}

/** The file is replaced as a whole: never half a secret. */
function save(file: string, owners: readonly Owner[]): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(owners, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}

function readStored(file: string): Owner[] {
  try {
    return z.array(Owner).parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw cause
  }
}
