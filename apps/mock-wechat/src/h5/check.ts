import { isAllowedHost } from '../accounts/account.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Clock } from '../clock.ts'
import type { Switches } from '../config.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { standing, type Trade } from '../ledger/trade.ts'
import { packageOf } from './address.ts'

/** A phone's browser that opens an H5 address. */
export interface Visit {
  parameters: URLSearchParams
  userAgent: string
  /** "" when the browser sent none. */
  referer: string
  ip: string
}

export interface H5Side {
  ledger: Ledger
  clock: Clock
  accounts: Accounts
  switches: Pick<Switches, 'h5Referer' | 'h5PayerIp'>
}

/** `message` is what the page shows, in WeChat's words where they are published. */
export class H5Error extends Error {
  override readonly name = 'H5Error'
  /** Plain English, shown by GET /_control/refusals. */
  readonly reason: string

  constructor(message: string, reason: string) {
    super(message)
    this.reason = reason
  }
}

const badParameter = '商家参数格式有误，请联系商家解决'
const notConfigured = '商家存在未配置的参数，请联系商家解决'

/**
 * What the page at wx.tenpay.com checks before it opens WeChat.
 *
 * @returns the trade, and where the payer goes afterwards: null when nobody said
 * @throws {H5Error}
 * @see https://pay.weixin.qq.com/wiki/doc/api/H5.php?chapter=15_4 the texts and their causes
 */
export function checkVisit(visit: Visit, side: H5Side): { trade: Trade; back: string | null } {
  if (visit.userAgent.includes('MicroMessenger')) throw new H5Error('请在微信外打开订单，进行支付', 'the page was opened inside WeChat')
  const trade = findTrade(visit.parameters, side)
  const domains = side.accounts.of(trade.mchid)?.h5Domains ?? null
  const referer = checkReferer(visit.referer, domains, side)
  checkAlive(trade, visit.parameters, side.clock.now())
  checkIp(trade, visit.ip, side)
  const redirect = visit.parameters.get('redirect_url')
  return { trade, back: redirect === null ? referer : checkReturn(redirect, domains) }
}

/** @throws {H5Error} unless the address is one that this mock gave */
export function findTrade(parameters: URLSearchParams, { ledger }: Pick<H5Side, 'ledger'>): Trade {
  const prepayId = parameters.get('prepay_id') ?? ''
  const trade = ledger.byPrepay(prepayId)
  if (!trade || trade.tradeType !== 'MWEB' || parameters.get('package') !== packageOf(prepayId))
    throw new H5Error(badParameter, 'no H5 create was answered with this prepay_id and package')
  return trade
}

function checkReferer(referer: string, domains: readonly string[] | null, { switches }: H5Side): string | null {
  const address = URL.parse(referer)
  if (switches.h5Referer === 'any') return address?.href ?? null
  if (!address)
    throw new H5Error(
      badParameter,
      'no Referer: the address must be opened from a page of the shop that does not hold it back (Referrer-Policy)',
    )
  if (!isAllowedHost(address, domains))
    throw new H5Error(
      notConfigured,
      `the page at ${address.host} is none of ${domains?.join(', ') ?? 'this machine (no h5Domains are set)'}`,
    )
  return address.href
}

/** The host must be registered, as that of the page before. @throws {H5Error} */
export function checkReturn(redirectUrl: string, domains: readonly string[] | null): string {
  const address = URL.parse(redirectUrl)
  if (!address || !/^https?:$/.test(address.protocol)) throw new H5Error(badParameter, 'redirect_url is no http(s) address')
  if (!isAllowedHost(address, domains)) throw new H5Error(notConfigured, `redirect_url leads to ${address.host}, which is not in h5Domains`)
  return address.href
}

/** After the trade's end our wording. */
function checkAlive(trade: Trade, parameters: URLSearchParams, now: number): void {
  const state = standing(trade, now)
  if (state === 'paid') throw new H5Error('该订单已支付', 'the trade is paid')
  if (state === 'closed') throw new H5Error('该订单已关闭', 'the trade is closed')
  if (state === 'expired' || trade.prepayId !== parameters.get('prepay_id') || now >= trade.codeExpiresAt)
    throw new H5Error(
      '支付请求已失效，请重新发起支付',
      'the address is five minutes old, or a newer one took its place, or time_expire is over',
    )
}

function checkIp(trade: Trade, ip: string, { switches }: H5Side): void {
  if (switches.h5PayerIp === 'any' || plainIp(trade.payerIp ?? '') === plainIp(ip)) return
  throw new H5Error(
    '网络环境未能通过安全验证，请稍后再试',
    `the browser comes from ${ip}, and the create named ${trade.payerIp ?? 'nobody'}`,
  )
}

/** IPv4 in its short form; all loopback addresses are one. */
function plainIp(ip: string): string {
  const short = ip.toLowerCase().replace(/^::ffff:/, '')
  return /^(127(\.\d+){3}|::1)$/.test(short) ? 'loopback' : short
}
