import type { Database, Tx } from './database.ts'

export interface WechatAnswer {
  paymentId: string
  call: 'prepay' | 'query' | 'close'
  /** What we took it for: "paid", "pending", "refused", "unknown"… */
  outcome: string
  raw: string
}

/** Keeps an answer as it arrived, so that a state can be derived again and a dispute settled. */
export async function insertWechatAnswer(db: Database | Tx, { paymentId, call, outcome, raw }: WechatAnswer, at: Date): Promise<void> {
  await db.insertInto('wechat_answers').values({ payment_id: paymentId, call, outcome, raw, at }).execute()
}
