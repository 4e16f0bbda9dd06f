import { WechatPayError, WechatRefusedError, WechatUnknownOutcomeError, type AnswerTrace, type WechatPay } from 'wxpay-core/protocol'
import type { Payment } from '../../domain/payment.ts'
import { insertWechatAnswer } from '../../storage/wechatAnswers.ts'
import type { PaymentContext, WechatCall } from '../context.ts'
import { KeysMissingError } from './wechatGates.ts'

export type CallResult<Answer> =
  | { outcome: 'answered'; answer: Answer }
  | { outcome: 'refused'; error: WechatRefusedError }
  | { outcome: 'unknown'; error: WechatUnknownOutcomeError | KeysMissingError }

/** What is needed of a payment to call WeChat about it. */
export type CallablePayment = Pick<Payment, 'id' | 'outTradeNo' | 'protocol' | 'means'>

/**
 * Calls WeChat about a payment, by the protocol that the payment was made with and outside of any transaction; keeps the answer as it
 * arrived, and turns the protocol's errors into what may be assumed. A fault that is not WeChat's is thrown on.
 *
 * @param nameOf - what the answer is counted and kept as, e.g. "paid"
 */
export async function callWechat<Answer extends AnswerTrace>(
  context: PaymentContext,
  {
    call,
    payment,
    send,
    nameOf,
  }: {
    call: WechatCall['call']
    payment: CallablePayment
    send: (wechat: WechatPay) => Promise<Answer>
    nameOf: (answer: Answer) => string
  },
): Promise<CallResult<Answer>> {
  const { store, wechat, alarms } = context
  const startedAt = performance.now()
  const result = await settle(() => send(wechat.of(payment)))
  if (result.outcome === 'unknown' && result.error instanceof KeysMissingError) {
    alarms.keysMissing(result.error)
    return result
  }
  const outcome = result.outcome === 'answered' ? nameOf(result.answer) : result.outcome
  const error = result.outcome === 'answered' ? {} : { error: result.error }
  alarms.wechatCall({ protocol: payment.protocol, call, outcome, durationMs: performance.now() - startedAt, ...error })
  const { raw, requestId } = result.outcome === 'answered' ? result.answer : result.error
  if (raw !== undefined) await insertWechatAnswer(store.db, { paymentId: payment.id, call, outcome, raw, requestId }, store.clock.now())
  return result
}

async function settle<Answer>(send: () => Promise<Answer>): Promise<CallResult<Answer>> {
  try {
    return { outcome: 'answered', answer: await send() }
  } catch (error) {
    if (error instanceof WechatRefusedError) return { outcome: 'refused', error }
    if (error instanceof WechatUnknownOutcomeError || error instanceof KeysMissingError) return { outcome: 'unknown', error }
    if (error instanceof WechatPayError) throw new TypeError('a WechatPayError of no known class', { cause: error })
    throw error
  }
}
