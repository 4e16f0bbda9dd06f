import { BlockList, isIP } from 'node:net'
import type { SettingRule } from './settingsReader.ts'

/** What a single setting must look like, whatever its name. */

export function text({ max }: { max: number }): SettingRule<string> {
  return {
    must: `must be 1 to ${max} characters without line breaks or spaces around`,
    parse: (value) => (value.length <= max && value.trim() === value && !/[\r\n\0]/.test(value) ? value : undefined),
  }
}

export function pattern(shape: RegExp, must: string): SettingRule<string> {
  return { must, parse: (value) => (shape.test(value) ? value : undefined) }
}

export function oneOf<const T extends string>(...allowed: T[]): SettingRule<T> {
  return { must: `must be ${allowed.join(' or ')}`, parse: (value) => allowed.find((each) => each === value) }
}

export function whole({ min, max, unit }: { min: number; max: number; unit: string }): SettingRule<number> {
  return {
    must: `must be a whole number of ${unit} from ${min} to ${max}`,
    parse(value) {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN
      return number >= min && number <= max ? number : undefined
    },
  }
}

/** A comma list whose every entry must do; for `parse` of a rule. */
export function list<T>(parseEntry: (entry: string) => T | undefined): (value: string) => T[] | undefined {
  return (value) => {
    const entries = value.split(',').map((entry) => parseEntry(entry.trim()))
    const good = entries.filter((entry) => entry !== undefined)
    return good.length === entries.length ? good : undefined
  }
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/** Plain http is for the same machine only: elsewhere anyone on the way could read and change what is said about money. */
function isProtected(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
}

/** Reads as an origin, without a slash at the end: "https://pay.example.com". */
export const origin: SettingRule<string> = {
  must: 'must be an https address (http on this machine only) without path, query or login, e.g. https://pay.example.com',
  parse(value) {
    const url = URL.parse(value)
    if (!url || !isProtected(url) || url.pathname !== '/' || value.includes('?') || value.includes('#') || url.username !== '')
      return undefined
    return url.origin
  },
}

export const databaseUrl: SettingRule<string> = {
  must: 'must look like postgres://user:password@host:5432/database',
  parse(value) {
    const url = URL.parse(value)
    return url && (url.protocol === 'postgres:' || url.protocol === 'postgresql:') && url.pathname.length > 1 ? value : undefined
  },
}

/** A comma list of addresses, networks such as 10.0.0.0/8, and the word loopback; or the word none alone. */
export const addresses: SettingRule<BlockList> = {
  must: 'must be a comma list of IP addresses, networks such as 10.0.0.0/8, or the word loopback; or none',
  parse(value) {
    const list = new BlockList()
    if (value === 'none') return list
    return value.split(',').every((entry) => addAddress(list, entry.trim())) ? list : undefined
  },
}

function addAddress(list: BlockList, entry: string): boolean {
  if (entry === 'loopback') {
    list.addSubnet('127.0.0.0', 8, 'ipv4')
    list.addAddress('::1', 'ipv6')
    return true
  }
  const [address = '', prefix, ...rest] = entry.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const bits = version === 4 ? 32 : 128
  if (prefix === undefined) list.addAddress(address, family)
  else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits) list.addSubnet(address, Number(prefix), family)
  else return false
  return true
}
