import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { dayMs, openBillBench } from '../testing/billBench.ts'
import { sha1 } from '../testing/bills.ts'
import { createJsonShop } from '../testing/jsonShop.ts'

const codeOf = ({ status, body }: { status: number; body: Record<string, unknown> }) => `${status} ${String(body['code'])}`

describe('GET /v3/bill/tradebill', () => {
  it('leads to the bill of a day, whose hash is over the plain bytes', async () => {
    const { tradebill, fetchFile, sell, yesterday, merchant, url } = await openBillBench()
    const numbers = [await sell(), await sell({ couponFen: 500 })]
    await sell({ daysAgo: 2 })
    await sell({ daysAgo: 0 })
    const plain = (await tradebill(`bill_date=${yesterday}&bill_type=ALL`)).offered()
    const zipped = (await tradebill(`bill_date=${yesterday}&tar_type=GZIP`)).offered()
    expect(plain.download_url).toMatch(new RegExp(`^${url}/v3/billdownload/file\\?token=[\\w-]{32}$`))
    expect(zipped).toEqual({ ...plain, download_url: expect.stringMatching(/&tartype=gzip$/) })

    const file = await fetchFile(plain.download_url)
    expect(sha1(file.bytes)).toBe(plain.hash_value)
    expect(file.headers.get('wechatpay-signature'), 'the answer is not signed').toBeNull()
    const text = file.bytes.toString('utf8')
    expect(text).toMatch(/^\ufeff交易时间,.*\r\n`/)
    for (const number of numbers) expect(text).toContain(`,\`${number},`)
    expect(text).toContain(`\`${yesterday} 12:00:00,\`${merchant.appids[0]},\`${merchant.mchid},\`0,`)
    expect(text).toMatch(/\r\n`2,`91\.60,`0\.00,`0\.00,`0\.54000,`91\.60,`0\.00\r\n$/)
    expect(gunzipSync((await fetchFile(zipped.download_url)).bytes)).toEqual(file.bytes)
  })

  it('has the bill of a day from nine of the next morning on, for three months', async () => {
    const { tradebill, sell, control, today, yesterday } = await openBillBench()
    await sell()
    await sell({ daysAgo: 0 })
    expect(codeOf(await tradebill(`bill_date=${today}`))).toBe('400 INVALID_REQUEST')
    await control.advance(21 * 3_600_000 - 1)
    expect(codeOf(await tradebill(`bill_date=${today}`))).toBe('400 STATEMENT_CREATING')
    expect(codeOf(await tradebill(`bill_date=${yesterday}`))).toBe('200 undefined')
    await control.advance(1)
    expect(codeOf(await tradebill(`bill_date=${today}`))).toBe('200 undefined')
    await control.advance(93 * dayMs)
    expect(codeOf(await tradebill(`bill_date=${today}`))).toBe('400 INVALID_REQUEST')
  })

  it('says that there is none: a day without trades, unpaid orders, other types, refunds of recharges', async () => {
    const { tradebill, sell, shop, yesterday } = await openBillBench()
    await shop.create()
    expect(codeOf(await tradebill(`bill_date=${yesterday}`))).toBe('400 NO_STATEMENT_EXIST')
    await sell()
    expect(codeOf(await tradebill(`bill_date=${yesterday}&bill_type=REFUND`))).toBe('400 NO_STATEMENT_EXIST')
    expect(codeOf(await tradebill(`bill_date=${yesterday}&bill_type=RECHARGE_REFUND`))).toBe('400 NO_STATEMENT_EXIST')
    expect(codeOf(await tradebill(`bill_date=${yesterday}&bill_type=SUCCESS`))).toBe('200 undefined')
  })

  it.each([
    '',
    'bill_date=20260301',
    'bill_date=2026-03-01&bill_type=EVERYTHING',
    'bill_date=2026-03-01&tar_type=ZIP',
    'bill_date=2026-03-01&x=1',
  ])('refuses the query %j', async (query) => {
    const { tradebill } = await openBillBench()
    expect(codeOf(await tradebill(query))).toBe('400 PARAM_ERROR')
  })

  it('names the host by which it was asked, or the one of the switch', async () => {
    const { sell, yesterday, ask, merchant, url } = await openBillBench()
    await sell()
    const byName = url.replace('127.0.0.1', 'localhost')
    const asker = createJsonShop({ url: byName, merchant, notifyUrl: 'http://127.0.0.1:1/' })
    const { download_url } = (await ask(`/v3/bill/tradebill?bill_date=${yesterday}`, asker)).offered()
    expect(download_url.startsWith(`${byName}/v3/billdownload/file?`)).toBe(true)
    const other = await openBillBench({ switches: { downloadUrl: 'https://bills.example' } })
    await other.sell()
    expect((await other.tradebill(`bill_date=${other.yesterday}`)).offered().download_url).toMatch(/^https:\/\/bills\.example\/v3\//)
  })

  it('keeps what it said: a payment that comes later is in the next file', async () => {
    const { tradebill, fetchFile, sell, yesterday } = await openBillBench()
    await sell()
    const before = (await tradebill(`bill_date=${yesterday}`)).offered()
    await sell()
    const after = (await tradebill(`bill_date=${yesterday}`)).offered()
    expect(after.hash_value).not.toBe(before.hash_value)
    expect(sha1((await fetchFile(before.download_url)).bytes)).toBe(before.hash_value)
    expect(sha1((await fetchFile(after.download_url)).bytes)).toBe(after.hash_value)
  })

  it('writes bills as the switches say', async () => {
    const { tradebill, fetchFile, sell, yesterday } = await openBillBench({
      switches: { billBom: 'absent', billNewline: 'lf', feeRate: 100 },
    })
    await sell({}, { attach: 'a,b', body: '书,笔' })
    const text = (await fetchFile((await tradebill(`bill_date=${yesterday}`)).offered().download_url)).bytes.toString('utf8')
    expect(text).toMatch(/^交易时间,[^\r]*\n`[^\r]*,`书\\ 笔,`a\\ b,`0\.46000,`1\.00%,`45\.80,`0\.00,`\n/)
  })
})

describe('a refund in the bills', () => {
  it('stands in the bill of the day that it was accepted, as things stood at nine, and is never brought up to date', async () => {
    const { jsonShop, control, sell, tradebill, fetchFile, today } = await openBillBench()
    const out_trade_no = await sell({ daysAgo: 0 })
    const wish = { out_trade_no, out_refund_no: 'R0000001', amount: { refund: 1580, total: 4580, currency: 'CNY' } }
    await control.call('POST', 'refunds/outcome', { outcome: 'hold' })
    expect((await jsonShop.send('POST', '/v3/refund/domestic/refunds', JSON.stringify(wish))).status).toBe(200)
    await control.advance(dayMs)
    const bill = async (type: string) => {
      const { download_url } = (await tradebill(`bill_date=${today}&bill_type=${type}`)).offered()
      return (await fetchFile(download_url)).bytes.toString('utf8')
    }
    const before = await bill('ALL')
    expect(before).toMatch(
      new RegExp(
        `,\`${out_trade_no},.*\`REFUND,.*,\`R0000001,\`15\\.80,\`0\\.00,\`ORIGINAL,\`PROCESSING,.*,\`-0\\.09000,\`0\\.60%,\`0\\.00,\`15\\.80,`,
      ),
    )
    expect(before.trimEnd().split('\r\n').at(-1)).toBe('`2,`45.80,`15.80,`0.00,`0.18000,`45.80,`15.80')
    expect((await bill('REFUND')).split('\r\n')[1]).toContain(`\`${today} 12:00:00,\`,\`503`)
    await finishAll()
    expect(await bill('ALL')).toBe(before)

    async function finishAll() {
      const { json } = await control.call('GET', 'refunds')
      const [refund] = z.object({ items: z.array(z.looseObject({ refundId: z.string() })) }).parse(json).items
      expect((await control.call('POST', `refunds/${refund?.refundId}/finish`, { status: 'SUCCESS' })).status).toBe(200)
    }
  })
})

describe('GET /v3/billdownload/file', () => {
  async function offer() {
    const bench = await openBillBench()
    await bench.sell()
    const { download_url } = (await bench.tradebill(`bill_date=${bench.yesterday}`)).offered()
    const { pathname, search } = new URL(download_url)
    return { ...bench, address: pathname + search }
  }

  it('serves five minutes, as often as it is asked', async () => {
    const { ask, address, control } = await offer()
    await control.advance(299_999)
    for (const answer of [await ask(address), await ask(address)]) expect(answer.status).toBe(200)
    await control.advance(1)
    expect(codeOf(await ask(address))).toBe('400 INVALID_REQUEST')
  })

  it('serves nobody else, and nobody without a signature', async () => {
    const { ask, address, shopOf, other, url } = await offer()
    expect(codeOf(await ask(address, shopOf(other)))).toBe('403 NO_AUTH')
    expect((await fetch(url + address, { headers: { 'user-agent': 'x' } })).status).toBe(401)
    expect(codeOf(await ask(address.replace(/token=\w+/, 'token=x')))).toBe('400 INVALID_REQUEST')
    expect(codeOf(await ask('/v3/billdownload/file'))).toBe('400 PARAM_ERROR')
  })
})

describe('GET /v3/bill/fundflowbill', () => {
  it('leads to what came in and went out, with the balance', async () => {
    const { fundflowbill, fetchFile, sell, yesterday } = await openBillBench()
    await sell({ daysAgo: 3 })
    const number = await sell()
    const offered = (await fundflowbill(`bill_date=${yesterday}&account_type=BASIC`)).offered()
    const { bytes } = await fetchFile(offered.download_url)
    expect(sha1(bytes)).toBe(offered.hash_value)
    const [, income, fee, , summary] = bytes.toString('utf8').split('\r\n')
    expect(income).toMatch(new RegExp(`\`收入,\`45\\.80,\`1091\\.33,\`system,\`结算总金额 45\\.80 元,\`${number}$`))
    expect(fee).toMatch(/`扣除交易手续费,`支出,`0\.27,`1091\.06,/)
    expect(summary).toBe('`2.0,`1.0,`45.80,`1.0,`0.27')
  })

  it.each(['OPERATION', 'FEES'])('has nothing for the account %s', async (account) => {
    const { fundflowbill, sell, yesterday } = await openBillBench()
    await sell()
    expect(codeOf(await fundflowbill(`bill_date=${yesterday}&account_type=${account}`))).toBe('400 NO_STATEMENT_EXIST')
  })
})
