import type { IncomingMessage } from 'node:http'
import { type BlockList, isIP } from 'node:net'
import { CallerGoneError } from '../requestErrors.ts'

/**
 * Who is calling: walks X-Forwarded-For from its end, for as long as the hop before is a trusted proxy. What stands further left was
 * written by someone we do not trust, so a caller cannot choose its own address.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: BlockList): string {
  let address = plainAddress(request.socket.remoteAddress ?? '')
  const hops = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  while (isTrusted(address, trustedProxies)) {
    const hop = plainAddress(hops.pop()?.trim() ?? '')
    if (isIP(hop) === 0) break
    address = hop
  }
  return address
}

/**
 * Where the payer's phone is, for WeChat, which compares it with what it sees itself: IPv4, or IPv6 in its one canonical form.
 *
 * @throws {CallerGoneError} a connection that is gone has no address any more
 */
export function payerAddress(request: IncomingMessage, trustedProxies: BlockList): string {
  const address = clientAddress(request, trustedProxies)
  if (isIP(address) === 0) throw new CallerGoneError('no address to tell WeChat')
  return isIP(address) === 6 ? canonical(address) : address
}

/** What limits are counted by: one household or office has a /64 of IPv6 addresses to choose from (RFC 6177), but one of IPv4. */
export function addressGroup(address: string): string {
  if (isIP(address) !== 6) return address
  return `${firstGroups(address).join(':')}::/64`
}

/** IPv4 that arrives on an IPv6 socket is written as ::ffff:192.0.2.1; some proxies add a port or brackets. */
function plainAddress(text: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare
}

function isTrusted(address: string, trusted: BlockList): boolean {
  const version = isIP(address)
  return version !== 0 && trusted.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

/** Without its zone. URL writes every form of an IPv6 address in the one canonical way (RFC 5952). */
function canonical(address: string): string {
  return new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
}

/** The first four groups of an IPv6 address, without leading zeros. */
function firstGroups(address: string): string[] {
  const [head = '', tail = ''] = canonical(address).split('::')
  const [left, right] = [head, tail].map((part) => (part === '' ? [] : part.split(':')))
  const groups = [...(left ?? []), ...Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0'), ...(right ?? [])]
  return groups.slice(0, 4)
}
