import { z } from 'zod'

/** How message pushes travel: clear, clear and encrypted at once, or encrypted only. */
export const PushMode = z.enum(['plain', 'compatible', 'safe'])
export type PushMode = z.infer<typeof PushMode>
export const PushFormat = z.enum(['xml', 'json'])
export type PushFormat = z.infer<typeof PushFormat>
export const Scope = z.enum(['snsapi_base', 'snsapi_userinfo'])
export type Scope = z.infer<typeof Scope>

const httpAddress = z.url({ protocol: /^https?$/ })
/** A host without scheme; a port counts when it is written. */
const Domain = z.string().regex(/^[a-z0-9.-]+(:\d+)?$/, 'a host in lower case, without scheme and path')

/** What the console of an account lets its owner set. */
export const settings = {
  /** 32 hexadecimal digits. */
  secret: z.string().regex(/^[0-9a-f]{32}$/, '32 hexadecimal digits'),
  token: z.string().regex(/^[A-Za-z0-9]{3,32}$/, '3 to 32 letters and digits'),
  aesKey: z.string().regex(/^[A-Za-z0-9]{43}$/, '43 letters and digits'),
  messagesUrl: httpAddress.nullable(),
  mode: PushMode,
  format: PushFormat,
  /** The web authorisation domain; null lets every loopback host pass. */
  oauthDomain: Domain.nullable(),
  /** The JS interface safe domains; null lets every loopback host pass. */
  jsDomains: z.array(Domain).nullable(),
  /** What the account may ask its users for; error page 10005 for the rest. */
  scopes: z.array(Scope),
  /** Addresses that may call the API; null is everybody, else 40164. */
  ipList: z.array(z.string()).nullable(),
}

export const Account = z.object({
  kind: z.enum(['official-account', 'mini-program']),
  appid: z.string(),
  originalId: z.string(),
  ...settings,
  /** Ids of the test users who follow it. */
  followers: z.array(z.string()),
})
export type Account = z.infer<typeof Account>

export const AccountSettings = z.object(settings).partial()
export type AccountSettings = z.infer<typeof AccountSettings>

/** What belongs to the merchant number and not to one of its accounts. */
export const merchantSettings = {
  /** The callback address of Native mode 1. */
  scanUrl: httpAddress.nullable(),
  /** Hosts whose pages may start an H5 payment; null lets every loopback host pass. */
  h5Domains: z.array(Domain).nullable(),
  /** Where the results of refunds go that named no address. */
  refundUrl: httpAddress.nullable(),
}

export const Owner = z.object({
  mchid: z.string(),
  ...merchantSettings,
  /** Folders from before refunds do not have it. */
  refundUrl: merchantSettings.refundUrl.default(null),
  accounts: z.array(Account),
})
/** A merchant's accounts: the official account first, then the mini program. */
export type Owner = z.infer<typeof Owner>

/** `localhost` and loopback literals, as a URL shows them. */
export const isLoopbackHost = (hostname: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)

/** @param domains - null lets every loopback host pass */
export function isAllowedHost(address: URL, domains: readonly string[] | null): boolean {
  if (domains === null) return isLoopbackHost(address.hostname)
  return domains.includes(address.hostname) || domains.includes(address.host)
}
