import { describe, expect, it } from 'vitest'
import { collect, csvOf, pieces } from '../../testing/bills.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { v3 } from '../../testing/v3.ts'
import { BillBrokenError, BillOfAnotherMerchantError } from './billErrors.ts'
import { readTradeBill, readTradeBillInBatches } from './tradeBill.ts'

const read = (bill: Buffer | string, { mchId = merchant.mchId, size = 7 }: { mchId?: string; size?: number } = {}) =>
  collect(readTradeBill(pieces(bill, size), { mchId }))

const payment = {
  交易时间: '2026-03-01 10:17:42',
  公众账号ID: merchant.appId,
  商户号: merchant.mchId,
  特约商户号: '0',
  设备号: '',
  微信订单号: '4200009042202603017754120386',
  商户订单号: 'QH20260301000017',
  用户标识: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
  交易类型: 'NATIVE',
  交易状态: 'SUCCESS',
  付款银行: 'OTHERS',
  货币种类: 'CNY',
  应结订单金额: '45.80',
  代金券金额: '5.00',
  微信退款单号: '0',
  商户退款单号: '0',
  退款金额: '0.00',
  充值券退款金额: '0.00',
  退款类型: '',
  退款状态: '',
  商品名称: '青禾书店-《海图》',
  商户数据包: 'branch=7',
  手续费: '0.27000',
  费率: '0.60%',
  订单金额: '45.80',
  申请退款金额: '0.00',
  费率备注: '',
}
const refund = {
  ...payment,
  交易时间: '2026-03-01 23:59:59',
  交易状态: 'REFUND',
  应结订单金额: '0.00',
  微信退款单号: '50300806422026030219046771253',
  商户退款单号: 'QHR20260302000003',
  退款金额: '15.80',
  退款类型: 'ORIGINAL',
  退款状态: 'PROCESSING',
  手续费: '-0.09000',
  订单金额: '0.00',
  申请退款金额: '15.80',
}
const summary = {
  总交易单数: '2',
  应结订单总金额: '45.80',
  退款总金额: '15.80',
  充值券退款总金额: '0.00',
  手续费总金额: '0.18000',
  订单总金额: '45.80',
  申请退款总金额: '15.80',
}
const bill = (...lines: Record<string, string>[]) => csvOf(lines.length > 0 ? lines : [payment, refund], summary)

const paymentRow = {
  kind: 'payment',
  line: 2,
  at: new Date('2026-03-01T10:17:42+08:00'),
  appId: merchant.appId,
  mchId: merchant.mchId,
  transactionId: '4200009042202603017754120386',
  outTradeNo: 'QH20260301000017',
  tradeType: 'NATIVE',
  totalFen: 4580,
  feeMilliFen: 27_000,
  ratePpm: 6_000,
}
const refundRow = {
  ...paymentRow,
  kind: 'refund',
  line: 3,
  at: new Date('2026-03-01T23:59:59+08:00'),
  totalFen: 0,
  feeMilliFen: -9_000,
  ratePpm: 6_000,
  outRefundNo: 'QHR20260302000003',
  refundId: '50300806422026030219046771253',
  refundFen: 1580,
  refundStatus: 'PROCESSING',
}

const without = (line: Record<string, string>, ...names: string[]) =>
  Object.fromEntries(Object.entries(line).filter(([name]) => !names.includes(name)))
const refundColumns = ['微信退款单号', '商户退款单号', '退款金额', '充值券退款金额', '退款类型', '退款状态', '申请退款金额']
/** The short form: other names, and no last three columns. */
const renamed = (line: Record<string, string>) => {
  const names = new Map([
    ['特约商户号', '子商户号'],
    ['应结订单金额', '总金额'],
    ['代金券金额', '代金券或立减优惠金额'],
    ['充值券退款金额', '代金券或立减优惠退款金额'],
  ])
  const short = without(line, '订单金额', '申请退款金额', '费率备注')
  return Object.fromEntries(Object.entries(short).map(([name, value]) => [names.get(name) ?? name, value]))
}

describe('R21 a trade bill', () => {
  it('is read row by row, yuan into fen and Beijing’s time into moments, from pieces of any size', async () => {
    for (const size of [1, 2, 3, 64, 1 << 20]) expect(await read(bill(), { size })).toEqual([paymentRow, refundRow])
  })

  it('is read in batches that hold the same', async () => {
    const batches = await collect(readTradeBillInBatches(pieces(bill(), 1 << 20), { mchId: merchant.mchId }))
    expect(batches).toEqual([[paymentRow, refundRow]])
  })

  it('is read from WeChat’s example of v2, and from the vector of v3', async () => {
    expect(await read(fixture('tradebill-all.csv'))).toEqual([paymentRow])
    expect(await read(v3.trade_bill_all.csv, { mchId: '1900000109' })).toMatchObject([
      { kind: 'payment', totalFen: 2990, feeMilliFen: 18_000 },
      { kind: 'refund', totalFen: 0, refundFen: 990, feeMilliFen: -6_000, outRefundNo: 'REFUND20260101000001', refundStatus: 'SUCCESS' },
    ])
  })

  it.each([
    ['with a byte order mark', `\ufeff${bill()}`],
    ['with line feeds only', bill().replaceAll('\r\n', '\n')],
    ['without an end of its last line', bill().trimEnd()],
    ['with empty lines around the summary', bill().replace('总交易单数', '\r\n总交易单数') + '\r\n\n'],
  ])('may come %s', async (_case, text) => {
    expect(await read(text)).toMatchObject([{ kind: 'payment' }, { kind: 'refund' }])
  })

  it('is read by the names of its columns, in whatever order, with more of them or fewer', async () => {
    const moved = (line: Record<string, string>) => ({ 新列: 'x', ...without(line, '交易时间'), 交易时间: line['交易时间'] ?? '' })
    expect(await read(bill(moved(payment), moved(refund)))).toEqual([paymentRow, refundRow])
  })

  it('of payments only has 20 columns, and a summary of four or of seven', async () => {
    const line = without(payment, ...refundColumns)
    expect(Object.keys(line)).toHaveLength(20)
    const four = { 总交易单数: '1', 应结订单总金额: '45.80', 手续费总金额: '0.27000', 订单总金额: '45.80' }
    expect(await read(csvOf([line], four))).toEqual([paymentRow])
    expect(
      await read(csvOf([line], { ...summary, 总交易单数: '1', 退款总金额: '0.00', 手续费总金额: '0.27', 申请退款总金额: '0.00' })),
    ).toEqual([paymentRow])
  })

  it('of refunds has two more times in 29 columns', async () => {
    const entries = Object.entries(refund)
    const at = entries.findIndex(([name]) => name === '微信退款单号')
    const times: [string, string][] = [
      ['退款申请时间', '2026-03-01 23:59:59'],
      ['退款成功时间', ''],
    ]
    const line = Object.fromEntries(entries.toSpliced(at, 0, ...times))
    expect(Object.keys(line)).toHaveLength(29)
    const sums = { ...summary, 总交易单数: '1', 应结订单总金额: '0.00', 手续费总金额: '-0.09000', 订单总金额: '0.00' }
    expect(await read(csvOf([line], sums))).toEqual([{ ...refundRow, line: 2 }])
  })

  it('of an old merchant has the short form', async () => {
    const sums = { 总交易单数: '2', 总交易额: '45.80', 总退款金额: '15.80', 总代金券或立减优惠退款金额: '0.00', 手续费总金额: '0.18000' }
    expect(await read(csvOf([renamed(payment), renamed(refund)], sums))).toEqual([paymentRow, refundRow])
  })

  it.each(['海图, 第二版', '`海图`', '海图,`0.00,`0.00', ',`,`,`', '`', ',`'.repeat(60)])(
    'keeps its columns apart whatever a text holds: %s',
    async (text) => {
      const lines = [
        { ...payment, 商品名称: text },
        { ...refund, 商户数据包: text },
      ]
      expect(await read(bill(...lines))).toEqual([paymentRow, refundRow])
      expect(await read(bill(...lines.map((line) => ({ ...line, 商品名称: text, 商户数据包: text }))))).toEqual([paymentRow, refundRow])
    },
  )

  it('takes empty refund numbers for none, as it takes 0', async () => {
    expect(await read(bill({ ...payment, 微信退款单号: '', 商户退款单号: '' }, refund))).toEqual([paymentRow, refundRow])
  })

  it('may have payments of tills that were taken back', async () => {
    const row = { ...payment, 交易状态: 'REVOKED', 交易类型: 'MICROPAY' }
    expect(await read(bill(row, refund))).toEqual([{ ...paymentRow, kind: 'revoked', tradeType: 'MICROPAY' }, refundRow])
  })

  it('keeps the parts of a fen of a fee, exactly', async () => {
    const line = { ...payment, 手续费: '0.27481' }
    const sums = {
      ...summary,
      总交易单数: '3',
      应结订单总金额: '137.40',
      手续费总金额: '0.82443',
      订单总金额: '137.40',
      退款总金额: '0',
      申请退款总金额: '0',
    }
    const rows = await read(csvOf([line, line, line], sums))
    expect(rows.map(({ feeMilliFen }) => feeMilliFen)).toEqual([27_481, 27_481, 27_481])
  })

  it('of another merchant is told from a broken one', async () => {
    const error = await errorOf(read(bill(payment, { ...refund, 商户号: '1900006043' })))
    expect(error).toBeInstanceOf(BillOfAnotherMerchantError)
    expect(error).toMatchObject({ line: 3 })
    expect(String(error)).not.toContain('1900006043')
  })

  it.each<[string, string, number, string | undefined]>([
    ['has no line at all', '', 1, undefined],
    ['ends after its header', Object.keys(payment).join(','), 2, undefined],
    ['ends without a summary', bill().split('总交易单数')[0] ?? '', 4, undefined],
    ['ends in the middle of a line', bill().slice(0, 500), 3, '用户标识'],
    ['ends after the summary’s header', bill().split('`2,')[0] ?? '', 5, undefined],
    ['has a summary of fewer rows', csvOf([payment, refund], { ...summary, 总交易单数: '1' }), 5, '总交易单数'],
    ['has another sum', csvOf([payment, refund], { ...summary, 订单总金额: '45.81' }), 5, '订单总金额'],
    ['has another sum of refunds', csvOf([payment, refund], { ...summary, 申请退款总金额: '15.79' }), 5, '申请退款总金额'],
    ['has another sum of fees', csvOf([payment, refund], { ...summary, 手续费总金额: '0.18001' }), 5, '手续费总金额'],
    ['has a sum that is none', csvOf([payment, refund], { ...summary, 订单总金额: '45,80' }), 5, '订单总金额'],
    ['has a summary that counts nothing', csvOf([payment, refund], without(summary, '总交易单数')), 5, '总交易单数'],
    ['has a row missing', csvOf([payment], summary), 4, '总交易单数'],
    ['has a row twice', bill(payment, payment, refund), 6, '总交易单数'],
    ['goes on after its summary', `${bill()}\`2026`, 6, undefined],
    ['has a column twice', bill().replace('设备号', '商户号'), 1, undefined],
    ['lacks a column', csvOf([without(payment, '手续费')], summary), 1, '手续费'],
    ['lacks the amounts', csvOf([without(payment, '订单金额')], summary), 1, '订单金额'],
    ['has a row that ends early', bill(payment, refund).replace(',`0.60%,`0.00,`15.80,`', ',`0.60%'), 3, '订单金额'],
    ['has a row without backticks', bill().replace('`2026-03-01 23', '2026-03-01 23'), 4, undefined],
    ['has an amount with a third decimal', bill({ ...payment, 订单金额: '45.805' }, refund), 2, '订单金额'],
    ['has more than any payment', bill({ ...payment, 订单金额: '21474836.48' }, refund), 2, '订单金额'],
    ['has a negative amount', bill({ ...payment, 订单金额: '-45.80' }, refund), 2, '订单金额'],
    ['has an amount in words', bill({ ...payment, 订单金额: '4e1' }, refund), 2, '订单金额'],
    ['has an empty amount', bill({ ...payment, 应结订单金额: '' }, refund), 2, '应结订单金额'],
    ['has an amount beyond what is counted exactly', bill({ ...payment, 订单金额: '99999999999999999.00' }, refund), 2, '订单金额'],
    ['has a fee with a sixth decimal', bill({ ...payment, 手续费: '0.270001' }, refund), 2, '手续费'],
    ['has a day that is not in the calendar', bill({ ...payment, 交易时间: '2026-02-30 10:17:42' }, refund), 2, '交易时间'],
    ['has a time in another form', bill({ ...payment, 交易时间: '2026/03/01 10:17:42' }, refund), 2, '交易时间'],
    ['has an hour that no day has', bill({ ...payment, 交易时间: '2026-03-01 24:17:42' }, refund), 2, '交易时间'],
    ['has no number of an order', bill({ ...payment, 商户订单号: '' }, refund), 2, '商户订单号'],
    ['has a number that is none', bill({ ...payment, 微信订单号: '4200 0090' }, refund), 2, '微信订单号'],
    ['has a refund without a number', bill(payment, { ...refund, 微信退款单号: '0', 商户退款单号: '0' }), 3, '交易状态'],
    ['has a refund with one number', bill(payment, { ...refund, 商户退款单号: '' }), 3, '商户退款单号'],
    ['has a payment with the number of a refund', bill({ ...payment, 商户退款单号: 'QHR1', 微信退款单号: '503' }, refund), 2, '交易状态'],
    ['has a state that no page lists', bill({ ...payment, 交易状态: 'NOTPAY' }, refund), 2, '交易状态'],
  ])('that %s is broken, and says where without a value', async (_case, text, line, column) => {
    const error = await errorOf(read(text))
    expect(error).toBeInstanceOf(BillBrokenError)
    expect(error).toMatchObject({ line, column })
    expect(String(error)).not.toMatch(/45|QHR|4200|15\.8/)
  })

  it('that is not UTF-8 is broken, also in a column that nobody reads', async () => {
    const bytes = Buffer.from(bill())
    bytes[bytes.indexOf('《')] = 0xff
    expect(await errorOf(read(bytes))).toBeInstanceOf(BillBrokenError)
    expect(await errorOf(read(Buffer.concat([Buffer.from(bill()), Buffer.from([0xe5])])))).toBeInstanceOf(BillBrokenError)
  })

  it('without line ends is broken before it has filled the memory', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      await Promise.resolve()
      for (;;) yield Buffer.alloc(32_768, '`')
    }
    expect(await errorOf(collect(readTradeBill(endless(), { mchId: merchant.mchId })))).toBeInstanceOf(BillBrokenError)
  })

  it('hands on what its bytes were broken off by', async () => {
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield* pieces(bill().slice(0, 900))
      throw new TypeError('cut')
    }
    expect(await errorOf(collect(readTradeBill(cut(), { mchId: merchant.mchId })))).toBeInstanceOf(TypeError)
  })
})

/** Seeded: every run changes the same bytes. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const alphabet = Buffer.from('`,\r\n0123456789.-: SUCCESSREFUND|\ufeff海')

function mutated(text: Buffer, random: (below: number) => number): Buffer {
  const at = random(text.length)
  const length = random(12)
  const piece = alphabet.subarray(random(alphabet.length), alphabet.length).subarray(0, 1 + random(6))
  switch (random(5)) {
    case 0: // cut out
      return Buffer.concat([text.subarray(0, at), text.subarray(at + length)])
    case 1: // put in
      return Buffer.concat([text.subarray(0, at), piece, text.subarray(at)])
    case 2: // put in the place of
      return Buffer.concat([text.subarray(0, at), piece, text.subarray(at + piece.length)])
    case 3: // cut off
      return text.subarray(0, at)
    default: // say twice
      return Buffer.concat([text.subarray(0, at), text.subarray(Math.max(0, at - length * 20))])
  }
}

describe('a bill that was changed by chance, 5,000 times', () => {
  it('is read as it was, or as what is written in its columns, or refused: no column is taken for another', async () => {
    const good = Buffer.from(bill())
    let refused = 0
    for (let seed = 1; seed <= 5_000; seed++) {
      const random = randomOf(seed)
      const changed = mutated(good, random)
      try {
        const rows = await read(changed, { size: 1 + random(400) })
        // The sums hold, so the money is what it was. A text, a number or a time may have been changed in its place.
        expect(
          rows.map(({ kind, totalFen, feeMilliFen }) => ({ kind, totalFen, feeMilliFen })),
          `seed ${seed}`,
        ).toEqual([
          { kind: 'payment', totalFen: 4580, feeMilliFen: 27_000 },
          { kind: 'refund', totalFen: 0, feeMilliFen: -9_000 },
        ])
        expect(rows[1], `seed ${seed}`).toMatchObject({ refundFen: 1580 })
        for (const { outTradeNo, transactionId } of rows) {
          expect(outTradeNo, `seed ${seed}`).not.toMatch(/^(o|42|wx)/)
          expect(transactionId, `seed ${seed}`).not.toMatch(/^(QH|o|wx)/)
        }
      } catch (error) {
        if (!(error instanceof BillBrokenError || error instanceof BillOfAnotherMerchantError)) throw error
        refused++
      }
    }
    expect(refused).toBeGreaterThan(2_000)
  })
})
