import { userInfo } from 'node:os'
import { acceptPayment, type AcceptRefusal } from '../commands/acceptPayment.ts'
import type { PaymentContext } from '../commands/context.ts'
import { onlyNumber } from './onlyNumber.ts'
import { runTool } from './runTool.ts'

const sentences: Record<AcceptRefusal, string> = {
  'unknown-number': 'No payment of ours has this number.',
  'not-confirming':
    'This payment is not confirming: only one that WeChat has reported as paid, and whose notice is missing, can be accepted.',
  'no-answer': 'WeChat gave no answer that can be trusted. Nothing was changed; try again.',
  'not-paid-at-wechat': 'WeChat does not say that it is paid. Nothing was changed.',
  flagged: 'The amount that WeChat reports is not the one that was asked for. It was flagged, not accepted.',
}

/** Takes WeChat’s verified answer in place of a notice that does not come. */
async function accept(payments: PaymentContext, outTradeNo: string): Promise<number> {
  const result = await acceptPayment(payments, { outTradeNo, operator: operatorName() })
  if (!result.accepted) {
    console.error(sentences[result.reason])
    return 1
  }
  console.log(`${outTradeNo} is paid now, WeChat's number ${result.payment.transactionId ?? ''}`)
  return 0
}

function operatorName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown' // an account without a name on this machine
  }
}

const usage = `usage: accept OUT_TRADE_NO    (of the payment, as query prints it)

Takes WeChat’s verified answer for a notice that does not come. Needs the settings of the service; beside the demo:
  npx -y pnpm@12.21.0 exec node --env-file=.data/demo.env apps/api/src/cli/accept.ts OUT_TRADE_NO`

const outTradeNo = onlyNumber(process.argv.slice(2))
if (outTradeNo === undefined) {
  console.error(usage)
  process.exitCode = 2
} else {
  await runTool((payments) => accept(payments, outTradeNo))
}
