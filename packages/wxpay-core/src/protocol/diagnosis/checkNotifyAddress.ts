import { BlockList, isIP } from 'node:net'
import { fault, ok, type Finding } from './finding.ts'

/** WeChat's v3 tables say 255 characters, v2's 256. */
const maxLength = 255

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

// Not reachable from the internet: IANA's special-purpose address registries.
const inside = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  inside.addSubnet(net, prefix)
inside.addSubnet('fc00::', 7, 'ipv6')
inside.addSubnet('fe80::', 10, 'ipv6')

// RFC 6762, 6761, 8375 and what companies use inside.
const insideName = /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home\.arpa|test|example|invalid)$/

/**
 * Whether WeChat can and will send notices to this address. It is judged by its text: what stands in front of it is not seen from here.
 *
 * @param apiUrl - on loopback, WeChat is a mock on this machine, which reaches what this machine reaches
 */
export function checkNotifyAddress(notifyUrl: string, apiUrl: string): Finding {
  const url = URL.parse(notifyUrl)
  if (!url || !/^https?:$/.test(url.protocol)) return notGood('is not an http(s) address')
  const shown = `${url.origin}${url.pathname}`
  if (url.username !== '' || url.password !== '') return notGood(`${shown} has a login in it`)
  if (url.search !== '' || notifyUrl.includes('?')) return notGood(`${shown} has a query string, which WeChat does not send to`)
  if (url.hash !== '' || notifyUrl.includes('#')) return notGood(`${shown} has a fragment`)
  if (notifyUrl.length > maxLength) return notGood(`has ${notifyUrl.length} characters; WeChat takes ${maxLength}`)
  const place = placeOf(url.hostname)
  if (place === 'loopback' && isLoopback(apiUrl)) return ok('notify address', `${shown} (demo: WeChat is on this machine as well)`)
  if (place === 'loopback') return notGood(`${shown} is this machine: WeChat cannot reach it`)
  if (place === 'inside') return notGood(`${shown} is a private address: WeChat cannot reach it`)
  if (place === 'bare') return notGood(`${shown} is an IP address, not a name`)
  if (url.protocol !== 'https:') return notGood(`${shown} is not https`)
  return ok('notify address', shown)
}

const notGood = (detail: string): Finding =>
  fault(
    'notify address',
    detail,
    'Give an https address with a public name, without query string, that answers WeChat directly: no login, no redirect, no firewall that knows only browsers.',
  )

function isLoopback(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && placeOf(url.hostname) === 'loopback'
}

function placeOf(hostname: string): 'loopback' | 'inside' | 'bare' | 'name' {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const version = isIP(host)
  if (host === 'localhost') return 'loopback'
  if (version === 0) return !host.includes('.') || insideName.test(host) ? 'inside' : 'name'
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (loopback.check(host, family)) return 'loopback'
  return inside.check(host, family) ? 'inside' : 'bare'
}
