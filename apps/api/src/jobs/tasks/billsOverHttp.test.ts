import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createWechatPayV2, createWechatPayV3, type WechatPay } from 'wxpay-core/protocol'
import { requestBill } from '../../commands/requestBill.ts'
import { createWechatGates } from '../../commands/steps/wechatGates.ts'
import { beijingDay, dayBefore } from '../../domain/beijingDay.ts'
import { openBillShop, type BillShop } from '../../testing/billShop.ts'
import { startMockWechat, type MockMerchant, type MockWechat } from '../../testing/mockWechat.ts'

const dayMs = 86_400_000
const Health = z.object({ now: z.coerce.date() })

let mock: MockWechat
let shop: BillShop
beforeAll(async () => {
  mock = await startMockWechat()
  shop = await openBillShop()
})
afterAll(async () => {
  await shop.close()
  await mock.stop()
})

const opened = {
  v2: (merchant: MockMerchant) => createWechatPayV2({ ...idsOf(merchant), key: merchant.apiKeyV2, signType: 'HMAC-SHA256' }),
  v3: (merchant: MockMerchant) =>
    createWechatPayV3({
      ...idsOf(merchant),
      key: merchant.apiV3Key,
      merchantPrivateKey: merchant.merchantPrivateKey,
      merchantSerial: merchant.merchantSerial,
      publicKey: { id: merchant.platform.publicKeyId, pem: merchant.platform.publicKey },
    }),
}

function idsOf({ mchid, appids }: MockMerchant) {
  return { appId: appids[0], mchId: mchid, apiUrl: mock.url }
}

describe.each(['v2', 'v3'] as const)('R21 bills of WeChat’s servers over %s', (protocol) => {
  let wechat: WechatPay & { destroy(): Promise<void> }
  let day: string

  beforeEach(async () => {
    await shop.forget()
    await mock.order('POST', 'reset', {})
    const [merchant] = mock.merchants
    wechat = opened[protocol](merchant)
    shop.payments.wechat = createWechatGates({ current: wechat, others: [], settingsOf: {} })
    shop.payments.mchId = shop.bills.mchId = merchant.mchid
    // The mock's day goes on from the real one: from noon in Beijing of a day that is to come, whatever the time is here.
    const { now } = await health()
    const noon = Date.parse(`${beijingDay(now)}T12:00:00+08:00`) + dayMs
    await mock.order('POST', 'clock', { advanceMs: noon - now.getTime() })
    shop.clock.reach(new Date(noon))
    day = dayBefore(beijingDay(shop.clock.now()))
  })
  afterEach(() => wechat.destroy())

  const health = async () => Health.parse(await (await fetch(`${mock.url}/_control/health`)).json())
  const fault = (kind: string, more: object = {}) => mock.order('POST', 'faults', { on: 'trade-bill', kind, ...more })

  /** Sold and paid yesterday. @param heard - its notice has come */
  async function sell(amountFen: number, { heard = true } = {}): Promise<string> {
    const { outTradeNo } = await shop.shown(amountFen)
    await mock.order('POST', 'pay', { outTradeNo, daysAgo: 1 })
    const answer = await wechat.query({ outTradeNo })
    if (answer.state !== 'paid') throw new Error('it is not paid')
    // WeChat’s own clock goes by the real time here, and its bills by the mock’s.
    const trade = { ...answer.trade, paidAt: new Date(`${day}T12:00:00+08:00`) }
    if (heard) await shop.notice({ protocol, noticeId: outTradeNo, raw: '', outcome: 'paid', trade })
    await shop.sql('UPDATE payments SET next_query_at = NULL, next_close_at = NULL')
    return outTradeNo
  }

  async function fetchBills(minutes = 3): Promise<void> {
    await requestBill(shop.bills, { billDate: day })
    await shop.work(minutes * 60_000)
  }

  it('that are right agree with our books, the flow of funds too', async () => {
    await sell(4580)
    await sell(99)
    await fetchBills()
    expect(await shop.bill(day)).toMatchObject({
      state: 'reconciled',
      problem: null,
      totals: { payments: 2, totalFen: 4679 },
      sha1: protocol === 'v3' ? (expect.stringMatching(/^[0-9a-f]{40}$/) as string) : null,
    })
    expect(await shop.discrepancies()).toEqual([])
    // v2 gives it for the merchant's certificate only, which this shop has not.
    expect((await shop.bill(day, 'fund-flow'))?.['state']).toBe(protocol === 'v3' ? 'reconciled' : undefined)
  })

  it.each<[string, object, string]>([
    ['missing-row', {}, 'paid-not-billed'],
    ['extra-row', {}, 'unknown-number'],
    ['wrong-amount', { by: 1 }, 'amount-differs'],
    ['wrong-fee', { by: 5 }, 'fee-unexpected'],
  ])('with a %s open a difference', async (kind, more, opens) => {
    await sell(4580)
    await sell(10_000)
    await fault(kind, more)
    await fetchBills()
    expect(await shop.bill(day)).toMatchObject({ state: 'reconciled' })
    // Of an amount the fee is a part, and the flow of funds of the day says what was really paid.
    expect((await shop.discrepancies()).map((one) => one['class'])).toContain(opens)
  })

  it.each<[string, string]>([
    ['other-merchant', 'other-merchant'],
    ['broken-row', 'broken'],
    ['broken-amount', 'broken'],
    ['wrong-summary', 'broken'],
    ...(protocol === 'v3' ? [['bad-hash', 'wrong-hash'] as [string, string]] : []),
  ])('with %s are set aside as %s, and nothing else changes', async (kind, code) => {
    await sell(4580)
    await fault(kind)
    await fetchBills()
    expect(await shop.bill(day)).toMatchObject({ state: 'set-aside', problem: { code } })
    expect(await shop.events('bill.set_aside')).toHaveLength(1)
    expect(await shop.discrepancies()).toEqual([])
    expect(await shop.sql('SELECT FROM bill_rows')).toEqual([])
  })

  if (protocol === 'v3')
    it('that are a page of HTML in place of the file do not have the hash that was announced', async () => {
      await sell(4580)
      await mock.order('POST', 'faults', { on: 'bill-download', kind: 'html' })
      await fetchBills()
      expect(await shop.bill(day)).toMatchObject({ state: 'set-aside', problem: { code: 'wrong-hash' } })
    })

  it('that are not ready come half an hour later', async () => {
    await sell(4580)
    await fault('not-ready', { times: 1 })
    await fetchBills()
    expect(await shop.bill(day)).toMatchObject({ state: 'due', problem: { code: 'not-ready' } })
    await shop.work(31 * 60_000)
    expect(await shop.bill(day)).toMatchObject({ state: 'reconciled' })
  })

  const download = protocol === 'v3' ? 'bill-download' : 'trade-bill'
  it.each(['cut-off', 'reset-before', 'http-500', ...(protocol === 'v3' ? ['expired-token', 'truncated'] : ['html'])])(
    'that meet %s on the way are fetched again from the beginning',
    async (kind) => {
      await sell(4580)
      await mock.order('POST', 'faults', { on: download, kind, times: 1 })
      await fetchBills(10)
      expect(await shop.bill(day)).toMatchObject({ state: 'reconciled', tries: 2 })
      expect(await shop.discrepancies()).toEqual([])
    },
  )

  it('with money that we never heard of lead to WeChat’s answer', async () => {
    const outTradeNo = await sell(4580, { heard: false })
    await fetchBills()
    expect((await shop.payment(outTradeNo)).confirmingSince).not.toBeNull()
    expect(await shop.discrepancies()).toMatchObject([{ class: 'billed-not-paid', number: outTradeNo }])
  })
})
