import { z } from 'zod'
import { createWechatPayV2, createWechatPayV3, type Protocol, type WechatPay } from 'wxpay-core/protocol'
import type { PaidBy } from '../../commands/context.ts'
import { confirmBill } from '../../commands/steps/confirmBill.ts'
import { createWechatGates } from '../../commands/steps/wechatGates.ts'
import type { LedgerFigures } from '../../domain/ledgerCheck.ts'
import type { LatePaymentPolicy } from '../../domain/order.ts'
import { openBillStore } from '../../storage/billStore.ts'
import { openDatabase } from '../../storage/database.ts'
import { refundNoticePaths, noticePaths } from '../../web/routes/notices.ts'
import { openBillShop } from '../billShop.ts'
import { startMockWechat, type MockMerchant, type MockWechat } from '../mockWechat.ts'
import { ledgerOfMock } from './ledgerOfMock.ts'
import { openNoticeDoor } from './noticeDoor.ts'

const Now = z.object({ now: z.coerce.date() })

/** With what the service is started. */
export interface Settings {
  /** The first makes new payments. */
  protocols: readonly [Protocol, ...Protocol[]]
  paidBy: PaidBy
  latePayment: LatePaymentPolicy
}

/** Work that comes this near together is done together. */
const grainMs = 60_000

/** Nobody sleeps for longer: what a notice has brought is not known ahead. */
const longestSleepMs = 30 * 60_000

/** A service that can be started again over its database, and a WeChat that goes by the same virtual time. */
export async function openStage({ startAt }: { startAt: (now: Date) => number }) {
  const mock = await startMockWechat({ MOCK_TRADE_TIMES: 'virtual', MOCK_REFUND_SECONDS: '90' })
  const shop = await openBillShop()
  const [merchant] = mock.merchants
  const { payments, bills, clock, context, tasks } = shop
  let told = { now: 0, at: 0 }
  let isUp = false
  let stopRun = async (): Promise<void> => undefined

  async function readClock(): Promise<void> {
    clock.reach(Now.parse(JSON.parse(await mock.see('health'))).now)
  }
  const door = await openNoticeDoor({ payments, beforeEach: readClock })
  const shown: LedgerFigures[] = []
  payments.mchId = bills.mchId = merchant.mchid
  payments.refundNotifyUrl = (protocol) => door.url + refundNoticePaths[protocol]
  context.facts.notifyUrl = (protocol) => door.url + noticePaths[protocol]
  tasks.showLedger = (figures) => void shown.push(figures)
  bills.onAgreement = (billId) => confirmBill(payments.store, billId)
  await mock.order('POST', 'accounts', { mchid: merchant.mchid, refundUrl: door.url + refundNoticePaths.v2 })

  /** Moves both clocks. WeChat's goes on with real time, too. */
  async function moveTo(at: number): Promise<void> {
    const mockNow = told.now + (performance.now() - told.at)
    const { now } = Now.parse(await mock.ask('clock', { advanceMs: Math.max(0, Math.round(at - mockNow)) }))
    told = { now: now.getTime(), at: performance.now() }
    clock.reach(now)
  }

  /** @returns when the next work comes */
  async function workDue(): Promise<number> {
    if (!isUp) return Infinity
    for (;;) {
      const ahead = await shop.workAhead()
      const due = ahead.filter(({ at }) => at <= clock.now())
      if (due.length === 0) return Math.min(...ahead.map(({ at }) => at.getTime()))
      for (const { name } of due) await shop.takeDue(name)
    }
  }

  told = { now: Now.parse(JSON.parse(await mock.see('health'))).now.getTime(), at: performance.now() }
  await moveTo(startAt(new Date(told.now)))

  return {
    mock,
    shop,
    merchant,
    /** What the checks of the ledger have found, each time. */
    shown,
    books: ledgerOfMock(mock),
    noticeResults: door.results,
    now: () => clock.now().getTime(),
    async advanceTo(at: number): Promise<void> {
      for (;;) {
        const next = await workDue()
        const now = clock.now().getTime()
        if (now >= at) return
        const wake = Math.min(Math.ceil(next / grainMs) * grainMs, now + longestSleepMs, at)
        await moveTo(Math.max(wake, now + 1))
      }
    },
    /** The service ends and begins again with these settings: nothing that it knew is left but its database. */
    async restart({ protocols, paidBy, latePayment }: Settings): Promise<void> {
      await this.stopService()
      const [first, ...rest] = protocols
      const others = rest.map((protocol) => openWechat(mock, merchant, protocol))
      const current = openWechat(mock, merchant, first)
      const db = openDatabase({ config: shop.databaseConfig, max: 6, name: 'month', onConnectionLost: () => undefined })
      const billStore = openBillStore({ config: shop.databaseConfig, max: 3, onConnectionLost: () => undefined })
      payments.wechat = createWechatGates({ current, others, settingsOf: {} })
      payments.policy = { paidBy, latePayment, refundDuplicates: true }
      payments.store.db = db
      bills.store = billStore
      stopRun = async () =>
        void (await Promise.all([current, ...others].map((one) => one.destroy()).concat(db.destroy(), billStore.close())))
      door.open()
      isUp = true
    },
    /** Nobody is there for notices until the next start. */
    async stopService(): Promise<void> {
      door.shut()
      isUp = false
      await mock.ask('clock', { advanceMs: 0 })
      await stopRun()
      stopRun = async () => undefined
    },
    async close(): Promise<void> {
      await this.stopService()
      await mock.stop()
      await door.stop()
      await shop.close()
    },
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>

/** A call without an answer keeps everybody waiting for real. */
const timeoutMs = 2_000

function openWechat({ url, tls }: MockWechat, merchant: MockMerchant, protocol: Protocol): WechatPay & { destroy(): Promise<void> } {
  const common = { appId: merchant.appids[0], mchId: merchant.mchid, apiUrl: url, timeoutMs }
  if (protocol === 'v2') {
    const certificate = { key: merchant.merchantPrivateKey, cert: merchant.merchantCertificate }
    return createWechatPayV2({
      ...common,
      key: merchant.apiKeyV2,
      signType: 'HMAC-SHA256',
      certificate,
      certApiUrl: tls.url,
      apiCa: tls.ca,
    })
  }
  const { publicKeyId: id, publicKey: pem } = merchant.platform
  const { apiV3Key: key, merchantPrivateKey, merchantSerial } = merchant
  return createWechatPayV3({ ...common, key, merchantPrivateKey, merchantSerial, publicKey: { id, pem } })
}
