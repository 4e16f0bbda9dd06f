import { describe, expect, it } from 'vitest'
import { collect, csvOf, pieces } from '../../testing/bills.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { fixture } from '../../testing/fixtures.ts'
import { BillBrokenError } from './billErrors.ts'
import { readFundFlowBill } from './fundFlowBill.ts'

const income = {
  记账时间: '2026-03-01 10:17:42',
  微信支付业务单号: '4200009042202603017754120386',
  资金流水单号: '4200009042202603017754120386',
  业务名称: '交易',
  业务类型: '交易',
  收支类型: '收入',
  '收支金额(元)': '45.80',
  '账户结余(元)': '1045.80',
  资金变更提交申请人: 'system',
  备注: '结算总金额 45.80 元',
  业务凭证号: 'QH20260301000017',
}
const fee = {
  ...income,
  业务名称: '扣除交易手续费',
  业务类型: '扣除交易手续费',
  收支类型: '支出',
  '收支金额(元)': '0.27',
  '账户结余(元)': '-3.10',
}
const summary = { 资金流水总笔数: '2.0', 收入笔数: '1.0', 收入金额: '45.80', 支出笔数: '1.0', 支出金额: '0.27' }
const read = (bill: Buffer | string) => collect(readFundFlowBill(pieces(bill)))

const incomeRow = {
  line: 2,
  at: new Date('2026-03-01T10:17:42+08:00'),
  businessNo: '4200009042202603017754120386',
  flowNo: '4200009042202603017754120386',
  businessName: '交易',
  businessType: '交易',
  direction: 'income',
  amountFen: 4580,
  balanceFen: 104_580,
  note: '结算总金额 45.80 元',
  voucherNo: 'QH20260301000017',
}

describe('R21 a fund-flow bill', () => {
  it('is read from WeChat’s example', async () => {
    expect(await read(fixture('fundflowbill-basic.csv'))).toEqual([incomeRow])
  })

  it('tells what came in from what went out', async () => {
    const name = '扣除交易手续费'
    expect(await read(csvOf([income, fee], summary))).toEqual([
      incomeRow,
      { ...incomeRow, line: 3, businessName: name, businessType: name, direction: 'expense', amountFen: 27, balanceFen: -310 },
    ])
  })

  it.each(['a,`b', ',`,`,`', '`'])('keeps its columns apart whatever a note holds: %s', async (note) => {
    expect(await read(csvOf([{ ...income, 备注: note }, fee], summary))).toMatchObject([
      { voucherNo: 'QH20260301000017' },
      { amountFen: 27 },
    ])
  })

  it.each<[string, string, number, string | undefined]>([
    ['counts other rows', csvOf([income, fee], { ...summary, 资金流水总笔数: '3' }), 5, '资金流水总笔数'],
    ['counts other incomes', csvOf([income, fee], { ...summary, 收入笔数: '2' }), 5, '收入笔数'],
    ['sums other incomes', csvOf([income, fee], { ...summary, 收入金额: '45.81' }), 5, '收入金额'],
    ['sums other expenses', csvOf([income, fee], { ...summary, 支出金额: '0.28' }), 5, '支出金额'],
    ['has a direction that is none', csvOf([{ ...income, 收支类型: '冻结' }, fee], summary), 2, '收支类型'],
    ['has a negative amount', csvOf([income, { ...fee, '收支金额(元)': '-0.27' }], summary), 3, '收支金额(元)'],
    ['is a trade bill', fixture('tradebill-all.csv').toString('utf8'), 1, '收支类型'],
  ])('that %s is broken', async (_case, bill, line, column) => {
    const error = await errorOf(read(bill))
    expect(error).toBeInstanceOf(BillBrokenError)
    expect(error).toMatchObject({ line, column })
  })
})
