import type { Database, Tx } from './database.ts'

export interface WechatAnswer {
  paymentId: string
  call: 'prepay' | 'query' | 'close' | 'refund' | 'query-refund'
  /** What we took it for: "paid", "pending", "refused", "unknown"… */
  outcome: string
  raw: string
  requestId: string | undefined
}

/** Keeps an answer as it arrived, so that a state can be derived again and a dispute settled. */
export async function insertWechatAnswer(db: Database | Tx, answer: WechatAnswer, at: Date): Promise<void> {
  const { paymentId, call, outcome, raw, requestId = null } = answer
  await db.insertInto('wechat_answers').values({ payment_id: paymentId, call, outcome, raw, request_id: requestId, at }).execute()
}
