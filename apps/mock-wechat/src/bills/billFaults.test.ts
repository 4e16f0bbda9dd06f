import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openBillBench } from '../testing/billBench.ts'
import { sha1 } from '../testing/bills.ts'
import { refundOf } from '../testing/refunds.ts'
import type { FaultOrder } from '../faults/faults.ts'
import { readXml } from '../v2/xml.ts'
import { dayOf } from './day.ts'
import { plain } from '../testing/bills.ts'
import { spoilTradeSheet } from './tradeFaults.ts'
import type { TradeRow } from './tradeRow.ts'
import { tradeSheet } from './tradeSheet.ts'
import { sheetLines } from './sheet.ts'

type Fault = Omit<FaultOrder, 'on'>

const row = (outTradeNo: string, more: Partial<TradeRow> = {}): TradeRow => ({
  at: dayOf(0).startAt,
  mchid: '1900006042',
  appid: 'wx1',
  deviceInfo: '',
  transactionId: `42${outTradeNo}`,
  outTradeNo,
  openid: 'o1',
  tradeType: 'NATIVE',
  bankType: 'OTHERS',
  totalFen: 1000,
  settledFen: 1000,
  couponFen: 0,
  feeFen: 6,
  description: 'x',
  attach: '',
  refund: null,
  ...more,
})
const { refundId, refundFen, couponFen, channel } = refundOf({ mchid: '', outTradeNo: '', payment: null })
const refund = { refundId, outRefundNo: 'R1', refundFen, couponFen, channel, status: 'SUCCESS' as const, succeededAt: 0 }
const nothing = { totalFen: 0, settledFen: 0 }
const rows = [row('T1'), row('T2'), row('T1', { ...nothing, feeFen: -3, refund }), row('T3')]

/** The columns that faults are about, of every line; and the summary. */
function bill(...faults: Fault[]) {
  const sheet = tradeSheet(() => rows, { type: 'ALL', protocol: 'v3', writing: { rate: 60, dialect: plain } })
  const [names = '', ...lines] = sheetLines(spoilTradeSheet(sheet, 'ALL', faults))
  const at = (name: string) => names.split(',').indexOf(name)
  const cells = lines.slice(0, -2).map((line) => line.slice(1).split(',`'))
  const column = (name: string) => cells.map((cell) => cell[at(name)])
  const summary = lines.at(-1)?.slice(1).split(',`') ?? []
  return { column, cells, count: summary[0], total: summary[1], refunded: summary[2], fees: summary[4] }
}

describe('a trade bill with faults', () => {
  it('is honest without any', () => {
    expect(bill()).toMatchObject({ count: '4', total: '30.00', refunded: '15.80', fees: '0.15000' })
  })

  it.each<[Fault, string[], string]>([
    [{ kind: 'missing-row' }, ['T2', 'T1', 'T3'], '20.00'],
    [{ kind: 'missing-row', row: 3 }, ['T1', 'T2', 'T1'], '20.00'],
    [{ kind: 'missing-row', outTradeNo: 'T2' }, ['T1', 'T1', 'T3'], '20.00'],
    [{ kind: 'missing-refund-row' }, ['T1', 'T2', 'T3'], '30.00'],
    [{ kind: 'missing-refund-row', outTradeNo: 'R1' }, ['T1', 'T2', 'T3'], '30.00'],
    [{ kind: 'extra-row' }, ['T1', 'T2', 'T1', 'T3', 'X0000000000000001'], '31.00'],
    [{ kind: 'extra-refund-row', by: 70 }, ['T1', 'T2', 'T1', 'T3', 'T3'], '30.00'],
  ])('%j: other rows, and a summary that fits them', (fault, numbers, total) => {
    const spoiled = bill(fault)
    expect(spoiled.column('商户订单号')).toEqual(numbers)
    expect(spoiled).toMatchObject({ count: String(numbers.length), total })
  })

  it('wrong-amount, wrong-fee, wrong-refund-amount: fen by fen', () => {
    expect(bill({ kind: 'wrong-amount', outTradeNo: 'T2', by: -7 }).column('订单金额')).toEqual(['10.00', '9.93', '0.00', '10.00'])
    expect(bill({ kind: 'wrong-fee', row: 2 }).column('手续费')).toEqual(['0.06000', '0.07000', '-0.03000', '0.06000'])
    expect(bill({ kind: 'wrong-refund-amount' }).column('退款金额')).toEqual(['0.00', '0.00', '15.81', '0.00'])
  })

  it('extra-refund-row: of a trade that is known, under a number that is not', () => {
    const extra = bill({ kind: 'extra-refund-row' })
    expect(extra.column('商户退款单号')).toEqual(['0', '0', 'R1', '0', 'X0000000000000002'])
    expect(extra.column('退款金额').at(-1)).toBe('0.01')
  })

  it('other-merchant: in all rows, or in one', () => {
    const other = '1900000109'
    expect(bill({ kind: 'other-merchant' }).column('商户号')).toEqual([other, other, other, other])
    expect(bill({ kind: 'other-merchant', outTradeNo: 'T3' }).column('商户号')).toEqual([...Array<string>(3).fill('1900006042'), other])
  })

  it('broken-row and broken-amount: a line that cannot be read', () => {
    expect(bill({ kind: 'broken-row', row: 2 }).cells.map(({ length }) => length)).toEqual([27, 13, 27, 27])
    expect(bill({ kind: 'broken-amount' }).column('应结订单金额')).toEqual(['NaN', '10.00', '0.00', '10.00'])
    expect(bill({ kind: 'broken-amount', row: 4, value: '1e3' }).column('应结订单金额').at(-1)).toBe('1e3')
  })

  it('wrong-summary: it counts one more; and several faults add up', () => {
    expect(bill({ kind: 'wrong-summary' })).toMatchObject({ count: '5', total: '30.00' })
    expect(bill({ kind: 'missing-row' }, { kind: 'missing-row' }, { kind: 'extra-row', by: 5 }).column('商户订单号')).toEqual([
      'T1',
      'T3',
      'X0000000000000001',
    ])
  })
})

const xml = ({ bytes }: { bytes: Buffer }) => Object.fromEntries(readXml(bytes))

/** A bench with one payment yesterday. */
async function openWithSale() {
  const bench = await openBillBench()
  const number = await bench.sell()
  return { ...bench, number }
}

describe('v3, when it is ordered', () => {
  it.each([
    ['not-ready', 'STATEMENT_CREATING'],
    ['no-bill', 'NO_STATEMENT_EXIST'],
  ])('%s', async (kind, code) => {
    const { tradebill, fundflowbill, control, yesterday } = await openWithSale()
    for (const on of ['trade-bill', 'fund-flow-bill']) await control.fault({ on, kind, nth: 1 })
    for (const ask of [tradebill, fundflowbill]) {
      expect(await ask(`bill_date=${yesterday}`)).toMatchObject({ status: 400, body: { code } })
      expect(await ask(`bill_date=${yesterday}`)).toMatchObject({ status: 200 })
    }
  })

  it('gives a bill that is wrong in itself the hash that fits it, and an honest one the wrong hash', async () => {
    const { tradebill, fetchFile, control, yesterday, number } = await openWithSale()
    await control.fault({ on: 'trade-bill', kind: 'missing-row', outTradeNo: number, times: 1 })
    const without = (await tradebill(`bill_date=${yesterday}`)).offered()
    const file = (await fetchFile(without.download_url)).bytes
    expect(file.toString('utf8')).not.toContain(number)
    expect(sha1(file)).toBe(without.hash_value)
    await control.fault({ on: 'trade-bill', kind: 'bad-hash' })
    const honest = (await tradebill(`bill_date=${yesterday}`)).offered()
    const whole = (await fetchFile(honest.download_url)).bytes
    expect(whole.toString('utf8')).toContain(number)
    expect(sha1(whole)).not.toBe(honest.hash_value)
  })

  it('spoils the fund-flow bill', async () => {
    const { fundflowbill, fetchFile, control, yesterday } = await openWithSale()
    const lines = async (fault: object) => {
      await control.clearFaults()
      await control.fault({ on: 'fund-flow-bill', ...fault })
      const { download_url } = (await fundflowbill(`bill_date=${yesterday}`)).offered()
      return (await fetchFile(download_url)).bytes.toString('utf8').trim().split('\r\n')
    }
    expect(await lines({ kind: 'missing-row', row: 2 })).toHaveLength(4)
    expect((await lines({ kind: 'wrong-amount' })).at(-1)).toBe('`2.0,`1.0,`45.81,`1.0,`0.27')
    expect((await lines({ kind: 'wrong-fee', by: 2 })).at(-1)).toBe('`2.0,`1.0,`45.80,`1.0,`0.29')
    expect((await lines({ kind: 'extra-row' })).at(3)).toContain('`1.00,')
    expect((await lines({ kind: 'wrong-summary' })).at(-1)).toBe('`3.0,`1.0,`45.80,`1.0,`0.27')
    expect((await lines({ kind: 'broken-amount' })).at(1)).toContain(',`收入,`NaN,`')
  })

  it('expired-token: too old although it is fresh', async () => {
    const { tradebill, ask, control, yesterday } = await openWithSale()
    const { pathname, search } = new URL((await tradebill(`bill_date=${yesterday}`)).offered().download_url)
    await control.fault({ on: 'bill-download', kind: 'expired-token', nth: 1 })
    expect(await ask(pathname + search)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
    expect(await ask(pathname + search)).toMatchObject({ status: 200 })
  })

  it.each([
    ['http-502', { status: 502, text: expect.stringContaining('<html>') }],
    ['html', { status: 200, text: expect.stringContaining('<html>') }],
    ['SYSTEMERROR', { status: 500, body: { code: 'SYSTEM_ERROR' } }],
    ['FREQUENCY_LIMITED', { status: 429, body: { code: 'FREQUENCY_LIMITED' } }],
  ])('%s on both calls', async (kind, expected) => {
    const { tradebill, ask, control, yesterday } = await openWithSale()
    const { pathname, search } = new URL((await tradebill(`bill_date=${yesterday}`)).offered().download_url)
    for (const on of ['trade-bill', 'bill-download']) await control.fault({ on, kind })
    expect(await tradebill(`bill_date=${yesterday}`)).toMatchObject(expected)
    expect(await ask(pathname + search)).toMatchObject(expected)
  })

  it('signs the answer that names the address wrongly', async () => {
    const { tradebill, control, yesterday } = await openWithSale()
    await control.fault({ on: 'trade-bill', kind: 'unsigned' })
    expect((await tradebill(`bill_date=${yesterday}`)).headers.get('wechatpay-signature')).toBeNull()
  })
})

describe('a file on its way', () => {
  it.each(['v2', 'v3'])('truncated (%s): half of the gzip, complete as HTTP; reset and cut-off: no file', async (protocol) => {
    const { tradebill, downloadbill, fetchFile, control, yesterday } = await openWithSale()
    const on = protocol === 'v2' ? 'trade-bill' : 'bill-download'
    const get = async () => {
      if (protocol === 'v2') return downloadbill({ tar_type: 'GZIP' })
      return fetchFile((await tradebill(`bill_date=${yesterday}&tar_type=GZIP`)).offered().download_url)
    }
    const whole = (await get()).bytes
    await control.fault({ on, kind: 'truncated' })
    const half = (await get()).bytes
    expect(half).toEqual(whole.subarray(0, Math.floor(whole.length / 2)))
    expect(() => gunzipSync(half)).toThrow()
    for (const kind of ['reset-before', 'reset-after', 'cut-off']) {
      await control.clearFaults()
      await control.fault({ on, kind })
      await expect(get(), kind).rejects.toThrow()
    }
  })
})

describe('v2, when it is ordered', () => {
  it.each([
    ['not-ready', { return_code: 'FAIL', return_msg: 'Bill Creating' }],
    ['no-bill', { return_code: 'FAIL', return_msg: 'No Bill Exist', error_code: '20002' }],
    ['SYSTEMERROR', { return_code: 'FAIL', return_msg: 'SYSTEMERROR' }],
  ])('%s', async (kind, expected) => {
    const { downloadbill, control } = await openWithSale()
    await control.fault({ on: 'trade-bill', kind })
    expect(xml(await downloadbill())).toEqual(expected)
  })

  it('leaves a row out; what is about signatures strikes no file, and is not counted', async () => {
    const { downloadbill, control, number } = await openWithSale()
    await control.fault({ on: 'trade-bill', kind: 'unsigned' })
    await control.fault({ on: '*', kind: 'bad-hash' })
    await control.fault({ on: 'trade-bill', kind: 'missing-row', outTradeNo: number })
    expect((await downloadbill()).bytes.toString('utf8')).not.toContain(number)
    const { json } = await control.call('GET', 'faults')
    expect(json).toMatchObject({ items: [{ seen: 0 }, { seen: 0 }, { seen: 1, struck: 1 }] })
  })
})
