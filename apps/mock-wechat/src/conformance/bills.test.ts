import { Formatter, Decorator, Hash } from 'wechatpay-axios-plugin'
import Payment from 'tenpay'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { dayMs, openBillBench } from '../testing/billBench.ts'

const Table = z.object({ rows: z.array(z.record(z.string(), z.string())), summary: z.record(z.string(), z.string()) })
const Offered = z.object({ hash_type: z.literal('SHA1'), hash_value: z.string(), download_url: z.string() })

/** Yesterday: a payment with a coupon, and a refund of it today. */
async function openTraded() {
  const bench = await openBillBench()
  const number = await bench.sell({ daysAgo: 0, couponFen: 500 }, { attach: 'branch=7&till=<2>' })
  await bench.control.call('POST', 'refunds', { outTradeNo: number, refundFen: 1580, outRefundNo: 'R0000001' })
  await bench.control.advance(dayMs)
  return { ...bench, number, date: bench.today }
}

describe('tenpay reads bills', () => {
  async function open() {
    const bench = await openTraded()
    const { appid, mchid, key } = bench.settings
    const tenpay = new Payment({ appid, mchid, partnerKey: key, notify_url: bench.receiver.url })
    tenpay.urls['downloadbill'] = `${bench.url}/pay/downloadbill`
    return { ...bench, tenpay, bill_date: bench.date.replaceAll('-', '') }
  }

  it('of all types, by name', async () => {
    const { tenpay, bill_date, number } = await open()
    const { list_title, list_data, total_title, total_data } = await tenpay.downloadBill({ bill_date }, true)
    const named = list_data.map((cells) => Object.fromEntries(list_title.map((title, index) => [title, cells[index]])))
    expect(named).toMatchObject([
      { 交易时间: expect.stringMatching(/ 12:00:00$/), 商户订单号: number, 交易状态: 'SUCCESS', 代金券金额: '5.00', 手续费: '0.27000' },
      { 商户订单号: number, 交易状态: 'REFUND', 商户退款单号: 'R0000001', 退款金额: '15.80', 退款状态: 'SUCCESS', 手续费: '-0.09000' },
    ])
    expect(named[0]).toMatchObject({ 商户数据包: 'branch=7&till=<2>', 订单金额: '45.80' })
    expect(Object.fromEntries(total_title.map((title, index) => [title, total_data[index]]))).toMatchObject({
      总交易单数: '2',
      手续费总金额: '0.18000',
    })
    expect((await tenpay.downloadBill({ bill_date, bill_type: 'REFUND' }, true)).list_title).toHaveLength(29)
  })

  it('and hears why there is none', async () => {
    const { tenpay } = await open()
    await expect(tenpay.downloadBill({ bill_date: '20200101' }, true)).rejects.toThrow('invalid bill_date')
  })
})

describe('wechatpay-axios-plugin reads bills of v3', () => {
  async function open() {
    const bench = await openTraded()
    const { merchant } = bench
    const { publicKeyId, publicKey } = merchant.platform
    const settings = {
      baseURL: `${bench.url}/`,
      mchid: merchant.mchid,
      serial: merchant.merchantSerial,
      privateKey: merchant.merchantPrivateKey,
      certs: { [publicKeyId]: publicKey },
    }
    const client = Decorator.jsonBased(settings)
    const offer = async (path: string, params: Record<string, string>) =>
      Offered.parse((await client.get<unknown>(path, { params: { bill_date: bench.date, ...params } })).data)
    // It knows the path, and not the whole address, as one whose answer is not signed.
    const download = async (address: string) => {
      const { pathname, searchParams } = new URL(address)
      const config = { params: Object.fromEntries(searchParams), responseType: 'arraybuffer' } as const
      return Buffer.from((await client.get<ArrayBuffer>(pathname.slice(1), config)).data)
    }
    return { ...bench, client, offer, download }
  }

  it.each(['plain', 'gzip'])('%s: verifies the answer, downloads unsigned, and its CSV reader takes it', async (form) => {
    const { offer, download, number } = await open()
    const { hash_value, download_url } = await offer('v3/bill/tradebill', form === 'gzip' ? { tar_type: 'GZIP' } : {})
    const file = await download(download_url)
    const bytes = form === 'gzip' ? gunzipSync(file) : file
    expect(Hash.sha1(bytes)).toBe(hash_value)
    const { rows, summary } = Table.parse(Formatter.castCsvBill(bytes))
    expect(rows).toMatchObject([
      { 商户订单号: number, 交易状态: 'SUCCESS', 订单金额: '45.80', 费率备注: '' },
      { 商户退款单号: 'R0000001', 申请退款金额: '15.80' },
    ])
    expect(summary).toMatchObject({ 总交易单数: '2', 订单总金额: '45.80', 申请退款总金额: '15.80' })
  })

  it('and the fund flow', async () => {
    const { offer, download } = await open()
    const { hash_value, download_url } = await offer('v3/bill/fundflowbill', {})
    const bytes = await download(download_url)
    expect(Hash.sha1(bytes)).toBe(hash_value)
    expect(Table.parse(Formatter.castCsvBill(bytes)).summary).toEqual({
      资金流水总笔数: '3.0',
      收入笔数: '1.0',
      收入金额: '45.80',
      支出笔数: '2.0',
      支出金额: '15.98',
    })
  })

  it('and hears that there is none', async () => {
    const { client } = await open()
    await expect(client.get<unknown>('v3/bill/tradebill', { params: { bill_date: '2020-01-01' } })).rejects.toMatchObject({
      response: { status: 400, data: { code: 'INVALID_REQUEST' } },
    })
  })
})
