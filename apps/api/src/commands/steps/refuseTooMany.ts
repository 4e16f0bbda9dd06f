import { TooManyCheckoutsError } from '../../domain/errors.ts'
import type { Tx } from '../../storage/database.ts'
import { countOrdersOfAddress } from '../../storage/orders.ts'

/** Anonymous creation, per address. */
export interface CreationLimits {
  createPerMinute: number
  openOrdersPerAddress: number
}

/** @throws TooManyCheckoutsError */
export async function refuseTooMany(tx: Tx, address: string, limits: CreationLimits, now: Date): Promise<void> {
  const { recent, open } = await countOrdersOfAddress(tx, address, new Date(now.getTime() - 60_000))
  if (recent >= limits.createPerMinute) throw new TooManyCheckoutsError('too_many_requests', 60)
  if (open >= limits.openOrdersPerAddress) throw new TooManyCheckoutsError('too_many_open_orders', 60)
}
