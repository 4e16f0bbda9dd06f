import type { ReportedRefund } from 'wxpay-core/protocol'
import type { EventSource } from '../../storage/tables.ts'

/** WeChat's verified word on a refund, and how it came. */
export interface RefundReported {
  reported: ReportedRefund
  /** Of the message. */
  protocol: string
  /** `api`: WeChat's answer when it was submitted. */
  source: Extract<EventSource, 'notice' | 'query' | 'bill' | 'api'>
  requestId?: string | undefined
}
