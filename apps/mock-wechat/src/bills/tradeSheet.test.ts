import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plain, sha1, written } from '../testing/bills.ts'
import { tradeSheet } from './tradeSheet.ts'
import type { TradeRow } from './tradeRow.ts'

const Vector = z.object({ trade_bill_all: z.object({ csv: z.string(), sha1_of_uncompressed: z.string(), gzip_base64: z.string() }) })
const vector = Vector.parse(JSON.parse(readFileSync(new URL('./fixtures/tradeBillAll.json', import.meta.url), 'utf8'))).trade_bill_all

const payment: TradeRow = {
  at: Date.parse('2026-01-01T08:05:12+08:00'),
  mchid: '1900000109',
  appid: 'wxd678efh567hg6787',
  deviceInfo: '',
  transactionId: '4200001234202601010000000001',
  outTradeNo: 'ORDER20260101000001',
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  tradeType: 'NATIVE',
  bankType: 'OTHERS',
  totalFen: 2990,
  settledFen: 2990,
  couponFen: 0,
  feeFen: 18,
  description: '微信测试商品-3个月会员',
  attach: 'uid=42',
  refund: null,
}
const refund: TradeRow = {
  ...payment,
  at: Date.parse('2026-01-01T09:00:30+08:00'),
  totalFen: 0,
  settledFen: 0,
  feeFen: -6,
  refund: {
    refundId: '50300000012026010100000000001',
    outRefundNo: 'REFUND20260101000001',
    refundFen: 990,
    couponFen: 0,
    channel: 'ORIGINAL',
    status: 'SUCCESS',
    succeededAt: Date.parse('2026-01-01T09:00:35+08:00'),
  },
}
const rows = () => [payment, refund]
const writing = { rate: 60, dialect: plain }
const bill = (type: 'ALL' | 'SUCCESS' | 'REFUND', protocol: 'v2' | 'v3' = 'v3') => written(tradeSheet(rows, { type, protocol, writing }))

describe('a trade bill', () => {
  it('of type ALL is the vector to the letter', async () => {
    const text = await bill('ALL')
    expect(text).toBe(vector.csv)
    expect(sha1(text)).toBe(vector.sha1_of_uncompressed)
    expect(gunzipSync(Buffer.from(vector.gzip_base64, 'base64')).toString('utf8')).toBe(text)
  })

  it('can be written again and again', async () => {
    const sheet = tradeSheet(rows, { type: 'ALL', protocol: 'v3', writing })
    expect(await written(sheet)).toBe(await written(sheet))
  })

  it('of type SUCCESS has payments only, 20 columns, and a summary of four in v3, of seven in v2', async () => {
    const [names, row, captions, summary] = (await bill('SUCCESS')).split('\r\n')
    expect(names?.split(',')).toHaveLength(20)
    expect(names).toMatch(/货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注$/)
    expect(row).toMatch(/`CNY,`29.90,`0.00,`微信测试商品-3个月会员,`uid=42,`0.18000,`0.60%,`29.90,`$/)
    expect([captions, summary]).toEqual(['总交易单数,应结订单总金额,手续费总金额,订单总金额', '`1,`29.90,`0.18000,`29.90'])
    expect((await bill('SUCCESS', 'v2')).trim().split('\r\n').at(-1)).toBe('`1,`29.90,`0.00,`0.00,`0.18000,`29.90,`0.00')
  })

  it('of type REFUND has refunds only, 29 columns, with both times', async () => {
    const [names, row, , summary] = (await bill('REFUND')).split('\r\n')
    expect(names?.split(',')).toHaveLength(29)
    expect(names).toContain('代金券金额,退款申请时间,退款成功时间,微信退款单号')
    expect(row).toContain('`2026-01-01 09:00:30,`2026-01-01 09:00:35,`50300000012026010100000000001,`REFUND20260101000001,`9.90,`0.00')
    expect(summary).toBe('`1,`0.00,`9.90,`0.00,`-0.06000,`0.00,`9.90')
  })

  it('begins with a byte order mark, and ends its lines as it is told', async () => {
    const dialect = { ...plain, bom: true, newline: '\n' as const }
    const text = await written(tradeSheet(rows, { type: 'ALL', protocol: 'v3', writing: { rate: 60, dialect } }))
    expect(text).toBe(`\ufeff${vector.csv.replaceAll('\r\n', '\n')}`)
  })
})
