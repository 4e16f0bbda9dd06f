import { WechatPayError, type WechatPay } from 'wxpay-core/protocol'
import type { Payment } from '../../domain/payment.ts'

/** The ways to WeChat, one per protocol whose keys are there. */
export interface WechatGates {
  /** What new payments are made with. */
  readonly current: WechatPay
  /** All of them, the current one first. */
  readonly all: readonly WechatPay[]
  /** The one that a payment was made with: it keeps it to its end, whatever new ones are made with. @throws KeysMissingError */
  of(payment: Pick<Payment, 'protocol'>): WechatPay
}

/**
 * A payment cannot be asked about, because the keys of its protocol are not set any more. Nothing is known of it and nothing may be
 * assumed: it stays as it is until the keys are back or its notice has come.
 */
export class KeysMissingError extends WechatPayError {
  override readonly name = 'KeysMissingError'
  readonly outcome = 'unknown'
  readonly protocol: string
  /** Nothing was sent, so WeChat has said nothing. */
  readonly raw = undefined
  readonly requestId = undefined
  readonly rateLimited = false

  constructor(protocol: string, settings: string | undefined) {
    const need = settings === undefined ? 'a version of this service that knows it' : `${settings}, as they were when the payment was made`
    super(`payments of protocol ${protocol} need ${need}`)
    this.protocol = protocol
  }
}

/** @param settingsOf - by protocol, the names of the settings that hold its keys, for people to read */
export function createWechatGates({
  current,
  others,
  settingsOf,
}: {
  current: WechatPay
  others: readonly WechatPay[]
  settingsOf: Readonly<Record<string, string>>
}): WechatGates {
  const all = [current, ...others]
  const gates = new Map(all.map((gate): [string, WechatPay] => [gate.protocol, gate]))
  return {
    current,
    all,
    of({ protocol }) {
      const gate = gates.get(protocol)
      if (!gate) throw new KeysMissingError(protocol, settingsOf[protocol])
      return gate
    },
  }
}
