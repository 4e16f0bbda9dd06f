import type { Switches } from '../config.ts'
import type { ProblemKind, RefundProblem } from '../refunds/problem.ts'
import { internalCodes, Refused } from './refusal.ts'

interface Words {
  status: number
  code: string
  message: string
  internal?: number
}

const invalid = (message: string): Words => ({ status: 400, code: 'INVALID_REQUEST', message })
const tooOften = (message: string): Words => ({ status: 429, code: 'FREQUENCY_LIMITED', message, internal: internalCodes.rate })

/** Texts without a published answer are our wording. */
const words: Record<ProblemKind, Words> = {
  'other-total': invalid('您的请求参数与订单信息不一致'),
  'other-parameters': invalid('您的请求参数与订单信息不一致'),
  overdue: { status: 400, code: 'TRADE_OVERDUE', message: '订单已经超过可退款的最大期限' },
  'too-many': invalid('部分退款次数超限'),
  'all-refunded': invalid('订单已全额退款'),
  'too-much': invalid('累计退款金额大于支付金额'),
  'too-soon': tooOften('频率限制，同一笔订单两次退款请间隔1分钟'),
  'not-enough': { status: 403, code: 'NOT_ENOUGH', message: '基本账户余额不足，请充值后重新发起' },
  'too-fast': tooOften('频率限制'),
  'old-too-fast': tooOften('频率限制，1个月之前的订单请降低申请频率再重试'),
  blocked: tooOften('无效请求过多，请稍后再试'),
}

type RefundSwitches = Pick<Switches, 'refundTooSoon' | 'refundTooMany' | 'refundMismatch' | 'refundOverdue'>

/** A refund that was not taken, in the words of 申请退款, APIv3 */
export function refusalOf({ kind, message: reason }: RefundProblem, switches: RefundSwitches): Refused {
  const code = switchedCode(kind, switches)
  const usual = words[kind]
  if (code === undefined || code === usual.code) return new Refused({ ...usual, reason })
  return new Refused({ ...usual, status: code === 'FREQUENCY_LIMITED' ? 429 : 400, code, reason })
}

function switchedCode(kind: ProblemKind, switches: RefundSwitches): string | undefined {
  if (kind === 'too-soon') return switches.refundTooSoon
  if (kind === 'too-many') return switches.refundTooMany
  if (kind === 'overdue') return switches.refundOverdue
  return kind === 'other-parameters' || kind === 'other-total' ? switches.refundMismatch : undefined
}

/** @see 查询单笔退款, APIv3 */
export const noResource = (message: '订单不存在' | '退款单不存在', reason?: string) =>
  new Refused({
    status: 404,
    code: 'RESOURCE_NOT_EXISTS',
    message,
    internal: internalCodes.noOrder,
    ...(reason !== undefined && { reason }),
  })
