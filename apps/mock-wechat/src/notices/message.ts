import type { Switches } from '../config.ts'
import type { Trade } from '../ledger/trade.ts'
import type { Merchant } from '../merchants.ts'
import type { Notice } from './notice.ts'

/** One HTTP delivery, ready to leave. */
export interface Message {
  headers: Record<string, string>
  body: string
}

/** What a receiver said. */
export interface Answer {
  status: number
  /** Its first 4 kB. */
  text: string
  /** Nothing came after these. */
  whole: boolean
}

/** A notice as it leaves for a merchant. */
export interface Outgoing {
  /** A fresh one for each copy that is sent: in v3 each has a signature of its own. */
  write(): Message
  acknowledgedBy(answer: Answer): boolean
}

export interface NoticeContext {
  notice: Notice
  trade: Trade
  merchant: Merchant
  switches: Pick<Switches, 'noticeSignType'>
  /** Real milliseconds. */
  now: () => number
  /** From 0 up to, not including, 1: with which key WeChat signs while merchants move to the public key. */
  draw: () => number
}
