import type { AccountSide } from '../accounts/accountSide.ts'
import { presentOwner } from '../accounts/controlViews.ts'
import type { Clock } from '../clock.ts'
import type { Switches } from '../config.ts'
import { standing, tradeState, type Trade } from '../ledger/trade.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { isRefunded, takenFen } from '../refunds/refund.ts'
import type { Merchant, Merchants } from '../merchants.ts'
import type { Attempt, Notice } from '../notices/notice.ts'
import { newestCertificate } from '../v3/platform.ts'

/** All times of the control side are virtual, RFC 3339. */
const time = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString())

export interface TradeViewer {
  clock: Clock
  switches: Pick<Switches, 'expiredState' | 'v3ExpiredState' | 'refundState'>
  ledger: Pick<Ledger, 'refunds'>
  merchants: Merchants
}

const merchantName = ({ mchid }: Trade, merchants: Merchants) => merchants.find(mchid)?.name ?? mchid

/** Everything that the merchant was given; what WeChat keeps to itself stays here. `serial` and `certificate` are the newest. */
export function presentMerchant({ platform, ...own }: Merchant, { accounts }: Pick<AccountSide, 'accounts'>) {
  const { serial, certificate } = newestCertificate(platform)
  const owner = accounts.of(own.mchid)
  const keys = { publicKeyId: platform.publicKeyId, publicKey: platform.publicKey, serial, certificate }
  return { ...own, platform: keys, ...(owner ? presentOwner(owner) : {}) }
}

export function presentTrade(trade: Trade, { clock, switches, merchants, ledger }: TradeViewer) {
  const now = clock.now()
  const { payment } = trade
  const refunds = ledger.refunds.of(trade)
  const expiredState = trade.protocol === 'v3' ? switches.v3ExpiredState : switches.expiredState
  return {
    outTradeNo: trade.outTradeNo,
    protocol: trade.protocol,
    merchant: merchantName(trade, merchants),
    mchid: trade.mchid,
    appid: trade.appid,
    tradeType: trade.tradeType,
    state: tradeState(trade, now, { expiredState, refunded: isRefunded(refunds, switches.refundState) }),
    expired: standing(trade, now) === 'expired',
    amountFen: trade.totalFen,
    description: trade.description,
    attach: trade.attach,
    codeUrl: trade.codeUrl,
    prepayId: trade.prepayId,
    signType: trade.signType,
    notifyUrl: trade.notifyUrl,
    createdAt: time(trade.createdAt),
    expiresAt: time(trade.expiresAt),
    remainingMs: Math.max(0, trade.expiresAt - now),
    closedAt: time(trade.closedAt),
    paidAt: time(payment?.paidAt ?? null),
    transactionId: payment?.transactionId ?? null,
    payerOpenid: trade.payerOpenid,
    openid: payment?.openid ?? null,
    couponFen: payment?.couponFen ?? null,
    refundedFen: takenFen(refunds),
    declines: trade.declines.map(({ at, reason }) => ({ at: time(at), reason })),
  }
}

/** What the phone shows before the payer confirms. */
export function presentScan(trade: Trade, merchants: Merchants) {
  const { description, totalFen, outTradeNo } = trade
  return { merchant: merchantName(trade, merchants), description, amountFen: totalFen, outTradeNo }
}

export function presentNotice(notice: Notice) {
  return {
    id: notice.id,
    kind: notice.kind,
    protocol: notice.protocol,
    outTradeNo: notice.outTradeNo,
    mchid: notice.mchid,
    transactionId: notice.transactionId,
    refund: notice.refund && { outRefundNo: notice.refund.outRefundNo, refundId: notice.refund.refundId, status: notice.refund.status },
    url: notice.url,
    state: notice.state,
    failures: notice.failures,
    attempts: notice.attempts.map(presentAttempt),
    nextAttemptAt: time(notice.nextAttemptAt),
  }
}

const presentAttempt = (attempt: Attempt) => ({ ...attempt, at: time(attempt.at) })
