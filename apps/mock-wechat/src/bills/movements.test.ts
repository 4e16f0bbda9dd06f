import { describe, expect, it } from 'vitest'
import { plain, written } from '../testing/bills.ts'
import { v3Trade } from '../testing/noticeBench.ts'
import { refundOf } from '../testing/refunds.ts'
import type { Trade } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import { dayOf } from './day.ts'
import { fundRows, fundSheet } from './fundSheet.ts'
import { movementsOf } from './movements.ts'
import { tradeRows } from './tradeRows.ts'

const at = (text: string) => Date.parse(`${text}+08:00`)
const mchid = '1900006042'
const first = dayOf(at('2026-03-01T12:00:00'))
const second = dayOf(at('2026-03-02T12:00:00'))

function paid(paidAt: number, more: Partial<Trade> = {}): Trade {
  const payment = { openid: 'oPayer', bankType: 'OTHERS', couponFen: 500, couponId: '1', paidAt, realPaidAt: paidAt }
  const trade = v3Trade({ mchid, appid: 'wx0a1b2c3d4e5f6071', notifyUrl: 'http://127.0.0.1:1/', now: paidAt })
  return { ...trade, payment: { ...payment, transactionId: `42000${trade.outTradeNo.slice(1)}00000000` }, ...more }
}
const accepted = (trade: Trade, acceptedAt: number, more: Partial<Refund> = {}) =>
  refundOf(trade, { acceptedAt, realAcceptedAt: acceptedAt, ...more })
const finished = (finishedAt: number, status: Refund['status']): Partial<Refund> => ({ status, finishedAt, realFinishedAt: finishedAt })

function ledgerOf(trades: Trade[], refunds: Refund[] = []) {
  const of = ({ outTradeNo }: { outTradeNo: string }) => refunds.filter((refund) => refund.outTradeNo === outTradeNo)
  const movements = movementsOf({ trades: () => trades, refunds: { of } }, { mchid, until: Infinity, rate: 60 })
  return { trade: (day = first) => [...tradeRows(movements, day)], funds: (day = first) => [...fundRows(movements, day)], movements }
}

describe('the trade bill of a day', () => {
  it('has what was paid on it, in the order of time, from midnight to midnight in Beijing', () => {
    const times = ['2026-03-01T23:59:59', '2026-03-02T00:00:00', '2026-02-28T23:59:59', '2026-03-01T00:00:00'].map(at)
    const trades = times.map((time) => paid(time))
    const { trade } = ledgerOf([...trades, v3Trade({ mchid, appid: 'wx1', notifyUrl: 'x', now: first.startAt })])
    expect(trade().map(({ at: time }) => time)).toEqual([times[3], times[0]])
    expect(trade(second).map(({ at: time }) => time)).toEqual([times[1]])
    expect(ledgerOf([paid(first.startAt, { mchid: '1900000001' })]).trade()).toEqual([])
  })

  it('shows the price, the coupon and the fee of a payment', () => {
    expect(ledgerOf([paid(first.startAt)]).trade()).toMatchObject([
      { totalFen: 4580, settledFen: 4580, couponFen: 500, feeFen: 27, refund: null },
    ])
  })

  it('shows a refund on the day that it was accepted, with what was known when the bill was made', () => {
    const payment = paid(first.startAt)
    const evening = at('2026-03-01T20:00:00')
    const refunds = [
      accepted(payment, evening, { refundFen: 100, ...finished(evening + 1000, 'SUCCESS') }),
      accepted(payment, evening + 1, { refundFen: 100, ...finished(at('2026-03-02T08:59:59'), 'ABNORMAL') }),
      accepted(payment, evening + 2, { refundFen: 100, ...finished(at('2026-03-02T08:00:00'), 'CLOSED') }),
      accepted(payment, evening + 3, { refundFen: 100, ...finished(at('2026-03-02T09:00:01'), 'SUCCESS') }),
      accepted(payment, at('2026-03-02T00:00:00'), { refundFen: 100 }),
    ]
    const rows = ledgerOf([payment], refunds).trade()
    expect(rows.map(({ refund }) => refund?.status)).toEqual([undefined, 'SUCCESS', 'CHANGE', 'FAIL', 'PROCESSING'])
    expect(rows.map(({ refund }) => refund?.succeededAt)).toEqual([undefined, evening + 1000, null, null, null])
    expect(rows[1]).toMatchObject({ at: evening, totalFen: 0, settledFen: 0, couponFen: 0 })
    expect(ledgerOf([payment], refunds).trade(second)).toHaveLength(1)
  })

  it('gives the fee back pro rata, the whole with the last refund; what failed has taken nothing', () => {
    const payment = paid(first.startAt)
    const later = (minutes: number) => first.startAt + minutes * 60_000
    const refunds = [
      accepted(payment, later(1), { refundFen: 1580, ...finished(later(2), 'CLOSED') }),
      accepted(payment, later(3), { refundFen: 1580 }),
      accepted(payment, later(4), { refundFen: 3000 }),
    ]
    const fees = ledgerOf([payment], refunds)
      .trade()
      .map(({ feeFen }) => feeFen)
    expect(fees).toEqual([27, 0, -9, -18])
  })
})

describe('the fund-flow bill of a day', () => {
  it('is the bill of the reference for a payment without a fee', async () => {
    const time = at('2026-03-01T10:17:42')
    const trade = paid(time, { outTradeNo: 'QH20260301000017' })
    const movements = movementsOf({ trades: () => [trade], refunds: { of: () => [] } }, { mchid, until: Infinity, rate: 0 })
    const id = trade.payment?.transactionId
    const sheet = fundSheet(() => fundRows(movements, first), { rate: 0, dialect: plain })
    expect(await written(sheet)).toBe(
      [
        '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号',
        `\`2026-03-01 10:17:42,\`${id},\`${id},\`交易,\`交易,\`收入,\`45.80,\`1045.80,\`system,\`结算总金额 45.80 元,\`QH20260301000017`,
        '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额',
        '`1.0,`1.0,`45.80,`0.0,`0.00',
        '',
      ].join('\r\n'),
    )
  })

  it('lets fees and refunds leave, and closed refunds come back on the day that they closed', () => {
    const payment = paid(first.startAt)
    const refund = accepted(payment, first.endAt - 1, { refundFen: 1580, ...finished(second.startAt, 'CLOSED') })
    const { funds } = ledgerOf([payment], [refund])
    expect(funds().map(({ kind, direction, fen, balanceFen }) => ({ kind, direction, fen, balanceFen }))).toEqual([
      { kind: '交易', direction: '收入', fen: 4580, balanceFen: 104_580 },
      { kind: '扣除交易手续费', direction: '支出', fen: 27, balanceFen: 104_553 },
      { kind: '退款', direction: '支出', fen: 1571, balanceFen: 102_982 },
    ])
    expect(funds(second)).toMatchObject([{ kind: '退款退回', direction: '收入', fen: 1571, balanceFen: 104_553 }])
    expect(new Set([...funds(), ...funds(second)].map(({ flowNo }) => flowNo))).toHaveLength(4)
  })
})
