import type { Commands } from '../commands/commands.ts'
import { cancelOrder } from '../commands/cancelOrder.ts'
import type { PaymentContext } from '../commands/context.ts'
import { extendPayment } from '../commands/extendPayment.ts'
import { openCheckout, type OpenCheckoutContext } from '../commands/openCheckout.ts'
import { recordNotice } from '../commands/recordNotice.ts'
import { requestRefund } from '../commands/requestRefund.ts'
import { startPayment } from '../commands/startPayment.ts'
import type { Config } from '../config.ts'
import { presentCheckout } from '../presenters/presentCheckout.ts'
import { readCheckout } from '../storage/checkouts.ts'
import { noticePaths, refundNoticePaths } from '../web/routes/notices.ts'

/** What the settings say about payments. */
export function policyOf(config: Config): Pick<PaymentContext, 'mchId' | 'policy' | 'life' | 'publicUrl' | 'refundNotifyUrl'> {
  const { paidBy, latePayment, refundDuplicates, life, publicUrl, wechat } = config
  return {
    mchId: wechat.mchId,
    policy: { paidBy, latePayment, refundDuplicates },
    life,
    publicUrl,
    refundNotifyUrl: (protocol) => publicUrl + refundNoticePaths[protocol],
  }
}

/** What beginning to pay takes beside the payments themselves. */
export function bindOpening(config: Config, payments: PaymentContext): OpenCheckoutContext {
  return {
    payments,
    facts: { notifyUrl: (protocol) => config.publicUrl + noticePaths[protocol], serverAddress: '127.0.0.1' },
    limits: config.limits,
    present: presentCheckout,
  }
}

/** @param noticing - the same payments over the connections that are kept for notices */
export function bindCommands(opening: OpenCheckoutContext, noticing: PaymentContext): Commands {
  const { payments } = opening
  return {
    openCheckout: (input) => openCheckout(opening, input),
    startPayment: (input) => startPayment(opening, input),
    extendPayment: (input) => extendPayment(payments, input),
    cancelOrder: (input) => cancelOrder(payments, input),
    recordNotice: (notice) => recordNotice(noticing, notice),
    requestRefund: (input) => requestRefund(payments, input),
    findCheckout: (token) => readCheckout(payments.store.db, { token }),
  }
}
