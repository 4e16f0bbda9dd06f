import type { WechatPay } from 'wxpay-core/protocol'
import type { WechatGates } from './wechatGates.ts'

export type RefundingGate = WechatPay & Required<Pick<WechatPay, 'refund'>>

/** What a refund is submitted by: the protocol of the payment, or of the refund, when its settings allow refunds; else another that can. */
export function refundGate(gates: WechatGates, { protocol }: { protocol: string }): RefundingGate | undefined {
  return ownFirst(gates, protocol).find(canRefund)
}

/** What WeChat is asked by about a refund: its number is the merchant's, so that any protocol finds it. */
export function refundQueryGate(gates: WechatGates, { protocol }: { protocol: string }): WechatPay {
  return ownFirst(gates, protocol)[0] ?? gates.current
}

function ownFirst({ all }: WechatGates, protocol: string): WechatPay[] {
  return [...all.filter((gate) => gate.protocol === protocol), ...all.filter((gate) => gate.protocol !== protocol)]
}

function canRefund(gate: WechatPay): gate is RefundingGate {
  return gate.refund !== undefined
}
