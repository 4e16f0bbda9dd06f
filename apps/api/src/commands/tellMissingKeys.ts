import { countOpenPayments } from '../storage/payments.ts'
import type { PaymentContext } from './context.ts'
import { KeysMissingError } from './steps/wechatGates.ts'

/** At the start: says which open payments can be neither queried nor closed, because the keys of their protocol are not set any more. */
export async function tellMissingKeys({ store, wechat, alarms }: Pick<PaymentContext, 'store' | 'wechat' | 'alarms'>): Promise<void> {
  for (const { protocol, count } of await countOpenPayments(store.db)) {
    try {
      wechat.of({ protocol })
    } catch (error) {
      if (!(error instanceof KeysMissingError)) throw error
      alarms.keysMissing(error, { openPayments: count })
    }
  }
}
