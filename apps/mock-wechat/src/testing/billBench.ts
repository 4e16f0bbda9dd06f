import { z } from 'zod'
import { dayOf } from '../bills/day.ts'
import { openBench, type BenchOptions } from './bench.ts'
import type { Merchant } from './control.ts'
import { createJsonShop } from './jsonShop.ts'
import { newNumber } from './shop.ts'

export const dayMs = 86_400_000

const Offered = z.strictObject({ hash_type: z.literal('SHA1'), hash_value: z.string(), download_url: z.string() })

/** A mock whose virtual clock stands at noon in Beijing, and trade times with it: the bill of yesterday is ready. */
export async function openBillBench({ switches, ...options }: BenchOptions = {}) {
  const frozen = Date.now()
  const noon = [12, 36].map((hours) => dayOf(frozen).startAt + hours * 3_600_000).find((at) => at >= frozen) ?? frozen
  const bench = await openBench({ ...options, realNow: () => frozen, switches: { tradeTimes: 'virtual', ...switches } })
  const { control, shop, jsonShop, url } = bench
  await control.advance(noon - frozen)
  const yesterday = dayOf(noon - dayMs).date

  /** Pays a new order as of yesterday, or of another day; its number. */
  async function sell({ daysAgo = 1, ...more }: { daysAgo?: number; couponFen?: number } = {}, order: Record<string, string> = {}) {
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo, time_expire: undefined, ...order })
    await control.pay({ outTradeNo, daysAgo, ...more })
    return outTradeNo
  }

  async function ask(path: string, asker = jsonShop) {
    const answer = await asker.send('GET', path)
    return { ...answer, offered: () => Offered.parse(answer.body) }
  }

  /** The bytes behind an address, asked for as the merchant. */
  async function fetchFile(downloadUrl: string, asker = jsonShop): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
    const { pathname, search, origin } = new URL(downloadUrl)
    if (origin !== url) throw new Error(`another host: ${origin}`)
    return asker.fetchBytes(pathname + search)
  }

  return {
    ...bench,
    yesterday,
    today: dayOf(noon).date,
    sell,
    ask,
    fetchFile,
    tradebill: (query: string) => ask(`/v3/bill/tradebill?${query}`),
    fundflowbill: (query: string) => ask(`/v3/bill/fundflowbill?${query}`),
    /** v2, as bytes. */
    downloadbill: (more: Record<string, string> = {}) =>
      shop.download('downloadbill', { bill_date: yesterday.replaceAll('-', ''), bill_type: 'ALL', ...more }),
    shopOf: (merchant: Merchant) => createJsonShop({ url, merchant, notifyUrl: 'http://127.0.0.1:1/' }),
  }
}
