import { merchant } from '../merchant.ts'
import type { Paid } from './v2.ts'

export const examplePaid: Paid = {
  appId: merchant.appId,
  mchId: merchant.mchId,
  outTradeNo: 'QH20261121000017',
  transactionId: '4200009042202611217754120386',
  totalFen: 4580,
}
