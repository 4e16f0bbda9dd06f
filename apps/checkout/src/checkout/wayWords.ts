import type { TradeType } from 'wxpay-core/contract'
import type { MessageKey } from '../i18n.ts'

/** What is said differently of a code that another device scans and of a payment made on this one. */
export interface WayWords {
  creating: MessageKey
  waiting: MessageKey
  notPaidYet: MessageKey
  again: MessageKey
  expiredTitle: MessageKey
  expired: MessageKey
  offline: MessageKey
  cancelExplanation: MessageKey
  cannotStart: MessageKey
}

const code: WayWords = {
  creating: 'creating',
  waiting: 'sayWaiting',
  notPaidYet: 'notPaidYet',
  again: 'newCode',
  expiredTitle: 'expiredTitle',
  expired: 'sayExpired',
  offline: 'offline',
  cancelExplanation: 'cancelExplanation',
  cannotStart: 'problemCannotCreate',
}

const here: WayWords = {
  creating: 'creatingHere',
  waiting: 'sayWaitingHere',
  notPaidYet: 'notPaidYetHere',
  again: 'payAgain',
  expiredTitle: 'expiredTitleHere',
  expired: 'expiredTitleHere',
  offline: 'offlineNoCode',
  cancelExplanation: 'cancelExplanationHere',
  cannotStart: 'problemCannotStart',
}

export function wayWords(way: TradeType): WayWords {
  return way === 'native' ? code : here
}
