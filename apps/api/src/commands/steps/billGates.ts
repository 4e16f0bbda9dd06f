import type { WechatPay } from 'wxpay-core/protocol'
import type { BillKind } from '../../domain/bill.ts'
import type { WechatGates } from './wechatGates.ts'

/** The bills that the settings allow: v2's fund-flow bill needs the merchant's certificate, as its refunds do. */
export function billKindsOf({ all }: WechatGates): readonly BillKind[] {
  return all.some((gate) => gate.refund !== undefined) ? ['trade', 'fund-flow'] : ['trade']
}

/** v3 tells the hash of a bill and v2 does not; both have the same rows. */
export function billGate({ all, current }: WechatGates, kind: BillKind): WechatPay {
  const able = kind === 'trade' ? all : all.filter((gate) => gate.refund !== undefined)
  return able.find(({ protocol }) => protocol === 'v3') ?? able[0] ?? current
}
