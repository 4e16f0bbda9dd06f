import { WechatPayError, WechatRefusedError, WechatUnknownOutcomeError } from 'wxpay-core/protocol'
import { insertWechatAnswer } from '../../storage/wechatAnswers.ts'
import type { PaymentContext } from '../context.ts'

export type CallResult<Answer> =
  | { outcome: 'answered'; answer: Answer }
  | { outcome: 'refused'; error: WechatRefusedError }
  | { outcome: 'unknown'; error: WechatUnknownOutcomeError }

/**
 * Calls WeChat outside of any transaction, keeps the answer as it arrived, and turns the protocol's errors into what
 * may be assumed. A fault that is not WeChat's is thrown on.
 *
 * @param nameOf - what the answer is counted and kept as, e.g. "paid"
 */
export async function callWechat<Answer extends { raw: string }>(
  { store, alarms }: PaymentContext,
  {
    call,
    paymentId,
    send,
    nameOf,
  }: { call: 'prepay' | 'query' | 'close'; paymentId: string; send: () => Promise<Answer>; nameOf: (answer: Answer) => string },
): Promise<CallResult<Answer>> {
  const startedAt = performance.now()
  const result = await settle(send)
  const outcome = result.outcome === 'answered' ? nameOf(result.answer) : result.outcome
  const error = result.outcome === 'answered' ? {} : { error: result.error }
  alarms.wechatCall({ call, outcome, durationMs: performance.now() - startedAt, ...error })
  const raw = result.outcome === 'answered' ? result.answer.raw : result.error.raw
  if (raw !== undefined) await insertWechatAnswer(store.db, { paymentId, call, outcome, raw }, store.clock.now())
  return result
}

async function settle<Answer>(send: () => Promise<Answer>): Promise<CallResult<Answer>> {
  try {
    return { outcome: 'answered', answer: await send() }
  } catch (error) {
    if (error instanceof WechatRefusedError) return { outcome: 'refused', error }
    if (error instanceof WechatUnknownOutcomeError) return { outcome: 'unknown', error }
    if (error instanceof WechatPayError) throw new TypeError('a WechatPayError of no known class', { cause: error })
    throw error
  }
}
