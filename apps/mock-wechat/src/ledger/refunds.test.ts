import { describe, expect, it, onTestFinished } from 'vitest'
import { createClock } from '../clock.ts'
import { nextDueRefund, settleDue } from '../refunds/settleDue.ts'
import { temporaryFolder } from '../testing/bench.ts'
import { v3Trade } from '../testing/noticeBench.ts'
import { refundOf } from '../testing/refunds.ts'
import { openLedger } from './ledger.ts'

const start = Date.UTC(2026, 2, 1)
const moment = { at: start + 5_000, realAt: start + 1 }
const payment = {
  transactionId: '4200009042202603017754120386',
  openid: 'o1',
  bankType: 'OTHERS',
  couponFen: 0,
  couponId: null,
  paidAt: start,
  realPaidAt: start,
}

async function openPaid() {
  const dir = temporaryFolder()
  const open = async () => {
    const clock = createClock(() => start)
    const ledger = await openLedger(dir, clock)
    onTestFinished(() => ledger.close())
    return { clock, ledger }
  }
  const { ledger, clock } = await open()
  const trade = { ...v3Trade({ mchid: '1900000001', appid: 'wx1', notifyUrl: 'http://127.0.0.1:1/', now: start }), payment }
  ledger.create(trade)
  return { ledger, clock, trade, reopen: async () => (await open()).ledger }
}

describe('refunds in the ledger', () => {
  it('are there again after a restart, with their notices and what is left to pay them from', async () => {
    const { ledger, trade, reopen } = await openPaid()
    const announce = { url: 'http://127.0.0.1:1/refunds', form: 'v2' } as const
    ledger.setFunds(trade.mchid, 5000)
    const [told, untold, closed] = [refundOf(trade, { announce }), refundOf(trade), refundOf(trade, { refundFen: 700 })]
    for (const refund of [told, untold, closed]) ledger.acceptRefund(refund)
    expect(ledger.refunds.fundsFen(trade.mchid)).toBe(5000 - 1580 - 1580 - 700)
    ledger.finishRefund(told, 'SUCCESS', moment)
    ledger.finishRefund(closed, 'CLOSED', moment)
    await ledger.durable()
    const after = await reopen()
    expect(after.refunds.all()).toEqual(ledger.refunds.all())
    expect(after.refunds.of(trade)).toMatchObject([
      { status: 'SUCCESS', finishedAt: moment.at, realFinishedAt: moment.realAt },
      { status: 'PROCESSING', finishedAt: null },
      { status: 'CLOSED' },
    ])
    expect(after.refunds.byId(told.refundId)).toEqual(after.refunds.find(trade.mchid, told.outRefundNo))
    expect(after.refunds.fundsFen(trade.mchid), 'a closed refund gave its money back').toBe(5000 - 1580 - 1580)
    const notice = { kind: 'refund', protocol: 'v2', url: announce.url, refund: { outRefundNo: told.outRefundNo, status: 'SUCCESS' } }
    expect(after.notices(), 'nobody is told of the others').toMatchObject([notice])
  })

  it('finish when they are due, each as of its own moment, and not before', async () => {
    const { ledger, clock, trade } = await openPaid()
    const late = refundOf(trade, { due: { at: start + 9_000, status: 'ABNORMAL' } })
    const early = refundOf(trade, { due: { at: start + 5_000, status: 'SUCCESS' } })
    for (const refund of [late, early, refundOf(trade)]) ledger.acceptRefund(refund)
    expect(nextDueRefund(ledger)).toBe(start + 5_000)
    clock.setOffset(8_999)
    settleDue(ledger, clock)
    expect(ledger.refunds.of(trade)).toMatchObject([
      { status: 'PROCESSING' },
      { status: 'SUCCESS', finishedAt: start + 5_000, realFinishedAt: start },
      { status: 'PROCESSING' },
    ])
    clock.setOffset(9_000)
    settleDue(ledger, clock)
    expect(ledger.refunds.of(trade)[0]).toMatchObject({ status: 'ABNORMAL', due: null })
    expect(nextDueRefund(ledger), 'what is held has no end of its own').toBeUndefined()
  })

  it('that are ABNORMAL can still succeed, and final ones stay', async () => {
    const { ledger, trade } = await openPaid()
    const refund = refundOf(trade)
    const now = () => ledger.refunds.byId(refund.refundId) ?? refund
    ledger.acceptRefund(refund)
    ledger.finishRefund(now(), 'ABNORMAL', moment)
    expect(ledger.finishRefund(now(), 'CLOSED', moment).ok).toBe(false)
    ledger.redirectRefund(now(), { channel: 'OTHER_BANKCARD', receivedAccount: '招商银行借记卡0403', due: null })
    expect(now()).toMatchObject({ status: 'PROCESSING', channel: 'OTHER_BANKCARD' })
    expect(ledger.finishRefund(now(), 'SUCCESS', moment).ok).toBe(true)
    expect(ledger.finishRefund(now(), 'ABNORMAL', moment).ok).toBe(false)
    expect(now().status).toBe('SUCCESS')
  })
})
