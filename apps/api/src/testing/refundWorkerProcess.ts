/**
 * A process that carries out the turns of refunds, as a worker does, for tests that kill it: `node refundWorkerProcess.ts`, with its settings as
 * JSON on standard input. WeChat is the test's own server. Ends when its standard input does, also because the test is gone.
 */
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import { pino } from 'pino'
import { toFen } from 'wxpay-core/money'
import { WechatUnknownOutcomeError, type RefundAnswer, type RefundQueryAnswer, type WechatPay } from 'wxpay-core/protocol'
import { z } from 'zod'
import { createWechatGates } from '../commands/steps/wechatGates.ts'
import type { TaskContext } from '../jobs/tasks/taskContext.ts'
import { startTurns } from '../jobs/turns.ts'
import { openBillStore } from '../storage/billStore.ts'
import { openDatabase } from '../storage/database.ts'
import { FakeWechat } from './fakeWechat.ts'

const Settings = z.object({ database: z.record(z.string(), z.unknown()), wechatUrl: z.string(), now: z.number() })

const fen = z.number().transform(toFen)
const Refund = z.object({
  outTradeNo: z.string(),
  transactionId: z.string(),
  outRefundNo: z.string(),
  refundId: z.string(),
  totalFen: fen,
  refundFen: fen,
  state: z.enum(['processing', 'success', 'closed', 'abnormal']),
  succeededAt: z.null(),
  payerRefundFen: fen.nullable(),
  receivedAccount: z.string().nullable(),
})
const Answer = z.object({ refund: Refund.nullable() })

const [line] = await createInterface({ input: process.stdin })
  [Symbol.asyncIterator]()
  .next()
  .then(({ value }) => [z.string().parse(value)])
const settings = Settings.parse(JSON.parse(line ?? ''))
process.stdin.resume().on('end', () => process.exit())

/** The test's time, going on from there. */
const now = () => new Date(settings.now + performance.now())

async function ask(call: string, body: object): Promise<z.infer<typeof Refund> | null> {
  try {
    const response = await fetch(`${settings.wechatUrl}/${call}`, { method: 'POST', body: JSON.stringify(body) })
    return Answer.parse(await response.json()).refund
  } catch (error) {
    throw new WechatUnknownOutcomeError(call, error)
  }
}

/** By the test's server, and nothing that is not about refunds. */
const wechat: WechatPay = Object.assign(new FakeWechat(), {
  async refund(request: object): Promise<RefundAnswer> {
    const refund = await ask('refund', request)
    if (!refund) throw new Error('a refund is answered with a refund')
    return { refund, raw: '<xml>refund</xml>' }
  },
  async queryRefund(by: object): Promise<RefundQueryAnswer> {
    const refund = await ask('query-refund', by)
    return refund ? { state: 'found', refund, raw: '<xml/>' } : { state: 'not-found', raw: '<xml/>' }
  },
})

const db = openDatabase({ config: settings.database, max: 4, name: 'refund worker', onConnectionLost: () => undefined })
const gates = createWechatGates({ current: wechat, others: [], settingsOf: {} })
const mchId = '1900006042'
const context: TaskContext = {
  bills: {
    store: openBillStore({ config: settings.database, max: 1, onConnectionLost: () => undefined }),
    clock: { now },
    mchId,
    wechat: gates,
    alarms: { setAside: () => undefined, missing: () => undefined, differs: () => undefined, bill: () => undefined },
  },
  payments: {
    store: { db, enqueue: async () => undefined, clock: { now }, onChanged: () => undefined },
    mchId,
    wechat: gates,
    policy: { paidBy: 'notice', latePayment: 'flag', refundDuplicates: true },
    life: { qrMs: 300_000, tradeMs: 900_000, orderMs: 1_800_000 },
    publicUrl: 'https://shop.example',
    refundNotifyUrl: () => 'https://shop.example/notices',
    alarms: { anomaly: () => undefined, books: () => undefined, wechatCall: () => undefined, keysMissing: () => undefined },
  },
  showLedger: () => undefined,
  queriesPerSecond: 10,
  databaseNow: () => sql<Date>`${now()}::timestamptz`,
  logger: pino({ level: 'silent' }),
  countJob: () => undefined,
}
startTurns(context)
