import { describe, expect, it } from 'vitest'
import { openBillBench } from '../testing/billBench.ts'
import { sha1 } from '../testing/bills.ts'

const lines = async (url: string, query: string) => (await (await fetch(`${url}/_control/bills?${query}`)).text()).trimEnd().split('\n')

describe('GET /_control/bills', () => {
  it('shows what the ledger has, a row a line, today too, and whatever faults are on', async () => {
    const { sell, control, url, today, merchant } = await openBillBench()
    const number = await sell({ daysAgo: 0, couponFen: 80 })
    await control.fault({ on: '*', kind: 'missing-row' })
    const [row = '{}'] = await lines(url, `billDate=${today}`)
    expect(JSON.parse(row)).toMatchObject({
      at: `${today}T04:00:00.000Z`,
      mchid: merchant.mchid,
      outTradeNo: number,
      totalFen: 4580,
      couponFen: 80,
      feeFen: 27,
      refund: null,
    })
    const funds = await lines(url, `billDate=${today}&type=FUND-FLOW`)
    expect(funds.map((line): unknown => JSON.parse(line))).toMatchObject([{ fen: 4580, balanceFen: 104_580 }, { fen: 27 }])
    expect(await lines(url, `billDate=${today}&type=REFUND`)).toEqual([''])
  })

  it('shows the very file as text', async () => {
    const { sell, tradebill, downloadbill, url, yesterday } = await openBillBench()
    await sell({}, { attach: 'a,b' })
    const text = async (protocol: string) => {
      const response = await fetch(`${url}/_control/bills?billDate=${yesterday}&format=text&protocol=${protocol}`)
      return Buffer.from(await response.arrayBuffer())
    }
    expect(sha1(await text('v3'))).toBe((await tradebill(`bill_date=${yesterday}`)).offered().hash_value)
    expect(await text('v2')).toEqual((await downloadbill()).bytes)
  })

  it.each(['', 'billDate=20260301', 'billDate=2026-03-01&type=EVERYTHING', 'billDate=2026-02-30'])('refuses %j', async (query) => {
    const { url } = await openBillBench()
    expect((await fetch(`${url}/_control/bills?${query}`)).status).toBe(400)
  })

  it('knows its merchants', async () => {
    const { url, other, yesterday, sell } = await openBillBench()
    await sell()
    expect((await fetch(`${url}/_control/bills?billDate=${yesterday}&mchid=1`)).status).toBe(404)
    expect(await lines(url, `billDate=${yesterday}&mchid=${other.mchid}`)).toEqual([''])
  })
})

describe('POST /_control/bills/synthetic', () => {
  it('makes the trade bill of a day of so many rows, by the scheme of the README', async () => {
    const { control, sell, tradebill, fetchFile, yesterday, merchant } = await openBillBench()
    await sell()
    const order = { billDate: yesterday, rows: 1000, seed: 42 }
    const made = await control.call('POST', 'bills/synthetic', order)
    const offered = (await tradebill(`bill_date=${yesterday}`)).offered()
    expect(made).toEqual({ status: 201, json: { mchid: merchant.mchid, ...order, hashValue: offered.hash_value } })
    const { bytes } = await fetchFile(offered.download_url)
    expect(sha1(bytes)).toBe(offered.hash_value)
    const [, ...rows] = bytes.toString('utf8').trimEnd().split('\r\n').slice(0, -2)
    const expected = Array.from({ length: 1000 }, (_, index) => {
      const fen = 1 + ((index * 7919 + 42) % 100_000)
      const [day, place] = [yesterday.replaceAll('-', ''), String(index).padStart(10, '0')]
      return { number: `S${day}${place}`, id: `4200099999${day}${place}`, total: (fen / 100).toFixed(2) }
    })
    const seen = rows.map((row) => row.slice(1).split(',`')).map((cells) => ({ number: cells[6], id: cells[5], total: cells[24] }))
    expect(seen).toEqual(expected)
    expect(rows.at(-1)?.slice(1, 20)).toBe(`${yesterday} 23:58:33`)
  })

  it('ends with 0 rows, and with a reset', async () => {
    const { control, sell, tradebill, yesterday } = await openBillBench()
    const status = async () => (await tradebill(`bill_date=${yesterday}`)).status
    await control.call('POST', 'bills/synthetic', { billDate: yesterday, rows: 1 })
    expect(await status()).toBe(200)
    await control.call('POST', 'bills/synthetic', { billDate: yesterday, rows: 0 })
    expect(await status()).toBe(400)
    await sell()
    expect(await status()).toBe(200)
  })

  it.each([
    [{}, ['billDate', 'rows']],
    [{ billDate: 'yesterday', rows: -1, seed: 0.5, type: 'ALL' }, ['billDate', 'rows', 'seed', 'type']],
    [{ billDate: '2026-03-01', rows: 5_000_001 }, ['rows']],
  ])('%j: 400 that names every problem', async (body, params) => {
    const { control } = await openBillBench()
    const { status, json } = await control.call('POST', 'bills/synthetic', body)
    expect({ status, json }).toMatchObject({ status: 400, json: { problems: params.map((param) => ({ param })) } })
  })
})
