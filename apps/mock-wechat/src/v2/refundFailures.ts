import type { Switches } from '../config.ts'
import type { ProblemKind, RefundProblem } from '../refunds/problem.ts'
import { Failed } from './refusal.ts'

type Words = readonly [code: string, description: string]

/** Texts without a published log are our wording. */
const words: Record<ProblemKind, Words> = {
  'other-total': ['REFUND_FEE_MISMATCH', '订单金额或退款金额与之前请求不一致，请核实后再试'],
  'other-parameters': ['REFUND_FEE_MISMATCH', '订单金额或退款金额与之前请求不一致，请核实后再试'],
  overdue: ['TRADE_OVERDUE', '订单已经超过退款期限'],
  'too-many': ['INVALID_REQUEST', '部分退款次数超限'],
  'all-refunded': ['ERROR', '订单已全额退款'],
  'too-much': ['INVALID_REQUEST', '累计退款金额大于支付金额'],
  'too-soon': ['FREQUENCY_LIMITED', '频率限制，同一笔订单两次退款请间隔1分钟'],
  'not-enough': ['NOTENOUGH', '基本账户余额不足，请充值后重新发起'],
  'too-fast': ['FREQUENCY_LIMITED', '频率限制'],
  'old-too-fast': ['FREQUENCY_LIMITED', '频率限制，1个月之前的订单申请退款请降低频率再重试。'],
  blocked: ['INVALID_REQ_TOO_MUCH', '无效请求过多，请稍后再试'],
}

/** A refund that was not taken, in the words of 申请退款: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_4 */
export function failureOf({ kind, message }: RefundProblem, switches: Pick<Switches, 'refundTooSoon' | 'refundTooMany'>): Failed {
  const [usual, description] = words[kind]
  const code = kind === 'too-soon' ? switches.refundTooSoon : kind === 'too-many' ? switches.refundTooMany : usual
  return new Failed(code, description, { reason: message })
}
