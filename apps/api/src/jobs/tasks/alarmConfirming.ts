import { findPayment } from '../../storage/payments.ts'
import type { TaskContext } from './taskContext.ts'

/** WeChat says paid and its notice has not come: somebody must know. The operator's way out is the command `accept`. */
export async function alarmConfirming({ payments }: TaskContext, { outTradeNo }: { outTradeNo: string }): Promise<void> {
  const payment = await findPayment(payments.store.db, outTradeNo)
  if (!payment || payment.status === 'paid' || !payment.confirmingSince) return
  payments.alarms.anomaly('confirming-too-long', { outTradeNo })
}
