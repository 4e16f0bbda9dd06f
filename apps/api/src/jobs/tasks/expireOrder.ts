import { expireOrder as expire } from '../../commands/expireOrder.ts'
import type { TaskContext } from './taskContext.ts'

export async function expireOrder({ payments }: TaskContext, { orderId }: { orderId: string }): Promise<void> {
  await expire(payments, { orderId })
}
